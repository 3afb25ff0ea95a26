"""An object of the quarantine or of failed records, for people and for programs."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from cli.redrive.again import uploads
from cli.redrive.items import Item, few
from storage.failed import Failed
from storage.objects import Rejected
from telemetry.ping import BadPing
from telemetry.upload import CorruptUpload, Upload

COLUMNS = ("when", "kind", "owner", "source", "count", "id", "reason")


def row(item: Item) -> tuple[str, ...]:
    return (
        iso(item.held.at), item.kind, few(item.owners) or "-", item.source or "-", str(item.count), item.id,
        few(item.reasons),
    )  # fmt: skip


def table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Lines, the last column as long as it is."""
    widths = [max(map(len, column)) for column in zip(COLUMNS, *rows, strict=True)]
    for one in (COLUMNS, *rows):
        yield "  ".join(text.ljust(width) for text, width in zip(one, widths, strict=True)).rstrip()


def summary(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "at": iso(item.held.at),
        "kind": item.kind,
        "owners": item.owners,
        "source": item.source,
        "reasons": item.reasons,
        "count": item.count,
        "replayed": item.held.replayed,
        "key": item.held.key,
    }


def whole(item: Item) -> dict[str, Any]:
    """With everything that is in it: original bytes in base64, and decoded where they decode."""
    if isinstance(item.content, Failed):
        records = [
            {"sequence": r.sequence, "partition_key": r.key, "arrived_at": iso(r.arrived_ms / 1000)}
            | _original(r.data, decoded(r.data))
            for r in item.content.records
        ]
        batch = item.content.batch
        told = {"function": batch.function, "start": batch.start, "end": batch.end, "given_up_at": batch.at}
        return summary(item) | told | {"records": records}
    if isinstance(item.content, str):
        return summary(item)
    return summary(item) | {"rejected": [_entry(one) for one in item.content.rejected]}


def lines(item: Item) -> Iterator[str]:
    """The same, for people."""
    said = whole(item)
    entries = said.pop("records", None) or said.pop("rejected", [])
    for name, value in said.items():
        yield f"{name:<12} {_plain(value)}"
    for number, entry in enumerate(entries, 1):
        yield f"\n{number} of {len(entries)}"
        for name, value in entry.items():
            yield f"  {name:<14} {_plain(value)}"


def decoded(data: bytes) -> Any:
    """The uploads of a record, or why they cannot be read."""
    try:
        return [_upload(upload) for upload, _ in uploads(data)]
    except (CorruptUpload, BadPing) as error:
        return str(error)


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _entry(one: Rejected) -> dict[str, Any]:
    received = {"received_at": iso(one.received_ms / 1000)} if one.received_ms is not None else {}
    text = decoded(one.original) if one.form == "stream" else one.original.decode(errors="backslashreplace")
    about = {"source": one.source, "field": one.field, "reason": one.reason, "hash": one.hash}
    return about | received | _original(one.original, text)


def _original(data: bytes, read: Any) -> dict[str, Any]:
    return {"decoded": read, "bytes": len(data), "base64": base64.b64encode(data).decode()}


def _upload(upload: Upload) -> dict[str, Any]:
    return {
        "fleet": upload.fleet,
        "courier": upload.courier,
        "device": upload.device,
        "received_at": iso(upload.received_ms / 1000),
        "pings": [[p.t, p.lat, p.lon] for p in upload.pings],
    }
