"""Messages of the live stream: couriers as columns, in frames that the WebSocket API takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from telemetry.live import SILENT_S

FIELDS = (
    "courier", "trip", "route", "along_m", "fraction", "offset_m", "confidence", "speed_mps", "arrives_at",
    "state", "lat", "lon", "t", "battery", "mock", "implausible", "version",
)  # fmt: skip
FRAME_BYTES = 32_000  # API Gateway's frame is 32 KB; one frame is billed as one message
_ROWS = 150  # about 200 bytes a row at worst; halved where that is not enough

Row = Mapping[str, Any]


def columns(rows: Sequence[Row]) -> dict[str, list[Any]]:
    return {field: [row[field] for row in rows] for field in FIELDS}


def updates(rows: Sequence[Row], at: float) -> list[bytes]:
    """`update` messages that carry the rows; none for no rows. at: Unix seconds."""
    return [orjson.dumps({"type": "update", "at": at, "couriers": c}) for c in _parts(rows)]


def snapshots(rows: Sequence[Row], at: float, name: str) -> list[bytes]:
    """The parts of one `snapshot`; one empty part for an empty fleet. name: tells it from other snapshots."""
    parts = list(_parts(rows)) or [columns([])]
    head = {"type": "snapshot", "id": name, "parts": len(parts), "at": at, "silent_after_s": SILENT_S}
    return [orjson.dumps(head | {"part": i, "couriers": part}) for i, part in enumerate(parts)]


def _parts(rows: Sequence[Row]) -> Iterator[dict[str, list[Any]]]:
    for start in range(0, len(rows), _ROWS):
        yield from _fitting(rows[start : start + _ROWS])


def _fitting(rows: Sequence[Row]) -> Iterator[dict[str, list[Any]]]:
    part = columns(rows)
    if len(rows) == 1 or len(orjson.dumps(part)) < FRAME_BYTES - 200:
        yield part
    else:
        half = len(rows) // 2
        yield from _fitting(rows[:half])
        yield from _fitting(rows[half:])
