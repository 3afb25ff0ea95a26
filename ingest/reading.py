"""What a format found in a body: good pings, and bad ones with their reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from telemetry.ping import HORIZON_S, MAX_FUTURE_S, BadPing, Ping, read_ping

MAX_POINTS = 20_000
"""More than fit into a request as any phone writes them; of the shortest, that many are done in 0.3 s."""
ROLL_OVER_S = 1024 * 7 * 86_400
"""GPS counts weeks in ten bits: an old receiver takes today for 1,024 weeks ago, and is right otherwise."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing not taken: its place in the upload, the field at fault, why, and its original bytes."""

    index: int
    field: str
    reason: str
    original: bytes


@dataclass
class Reading:
    """form: what the refused originals are, so that they can be read again (formats.read_again).
    battery: of the phone, as of its newest good ping that tells it [%].
    """

    form: str
    pings: list[Ping] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    battery: int | None = None


class Unfit(ValueError):
    """Too many points, or lists within lists beyond what can be written out again; no phone sends that."""


def read_all(form: str, raws: Iterable[Any], originals: Sequence[Any], now: float) -> Reading:
    """Read pings given as our own objects; `originals`, of this form, are what to keep of the refused ones:
    bytes as they came, or JSON values. Raises Unfit.
    """
    if len(originals) > MAX_POINTS:
        raise Unfit(f"{len(originals)} points; the limit is {MAX_POINTS}")
    reading, told_ms = Reading(form), 0
    for index, (raw, original) in enumerate(zip(raws, originals, strict=True)):
        try:
            ping = read_ping(_rolled(raw, now), now)
        except BadPing as bad:
            reading.refused.append(Refusal(index, bad.field, bad.reason, _bytes(original)))
            continue
        reading.pings.append(ping)
        battery = percent(raw.get("battery_percent"))
        if battery is not None and ping.t_ms >= told_ms:
            reading.battery, told_ms = battery, ping.t_ms
    return reading


def percent(value: Any) -> int | None:
    """A whole number from 0 to 100; None for what is none: a phone that does not know sends -1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        return None
    return round(value)


def whole(form: str, body: bytes, reason: str) -> Reading:
    """Of a body that is not understood at all."""
    return Reading(form, refused=[Refusal(0, "body", reason, body)])


def _rolled(raw: Any, now: float) -> Any:
    """With 1,024 weeks added where that, and nothing less, makes the time a possible one."""
    t = raw.get("t") if isinstance(raw, dict) else None
    if isinstance(t, bool) or not isinstance(t, int | float):
        return raw
    rolled = t + ROLL_OVER_S
    return raw | {"t": rolled} if now - HORIZON_S <= rolled <= now + MAX_FUTURE_S else raw


def _bytes(original: Any) -> bytes:
    if isinstance(original, bytes):
        return original
    try:
        return orjson.dumps(original)
    except TypeError as error:
        raise Unfit("nested too deeply") from error
