"""Our own JSON: {"device"?: "phone", "battery_percent"?: 81, "pings": [{"t", "lat", "lon", …}]}; a ping's
members: telemetry.ping.
"""

from __future__ import annotations

from typing import Any

import orjson

from ingest.reading import Reading, Unfit, percent, read_all
from telemetry.problem import BadRequest, TooLarge

FORM = "own"  # a refused ping is kept as its JSON object
MAX_PINGS = 2_000
DEFAULT_DEVICE = "app"
_MAX_DEVICE = 48


def read(body: Any, now: float) -> tuple[str, Reading]:
    """The device and what it sent. Raises BadRequest or TooLarge when the frame around the pings is wrong."""
    if not isinstance(body, dict):
        raise _wrong("body", 'an object is expected: {"pings": […]}')
    pings = body.get("pings")
    if not isinstance(pings, list):
        raise _wrong("pings", "a list of pings is expected")
    if not pings:
        raise _wrong("pings", "the list is empty; send at least one ping")
    if len(pings) > MAX_PINGS:
        reason = f"has {len(pings)} pings; the limit is {MAX_PINGS}"
        raise TooLarge(
            f"The upload {reason}. Split it into smaller ones.", [{"field": "pings", "reason": reason}]
        )
    device = body.get("device", DEFAULT_DEVICE)
    if not isinstance(device, str) or not 0 < len(device.encode()) <= _MAX_DEVICE:
        raise _wrong("device", f"a name of 1 to {_MAX_DEVICE} bytes is expected")
    battery = body.get("battery_percent")
    if battery is not None and percent(battery) is None:
        raise _wrong("battery_percent", "a number from 0 to 100 is expected, or null for unknown")
    try:
        reading = read_all(FORM, pings, pings, now)
    except Unfit as unfit:
        raise _wrong("pings", str(unfit)) from unfit
    reading.battery = percent(battery)
    return device, reading


def again(original: bytes, now: float) -> Reading:
    """One refused ping. Raises orjson.JSONDecodeError."""
    return read({"pings": [orjson.loads(original)]}, now)[1]


def _wrong(field: str, reason: str) -> BadRequest:
    return BadRequest(f"{field}: {reason}.", [{"field": field, "reason": reason}])
