"""Traccar Client, one position a request; `id` names the phone, which our address does already.

Up to 8: everything in the query of a POST without a body. 9: JSON, {"location": {…}, "device_id": …}, made
with transistorsoft's library, speed in m/s. 10: a form, whose heartbeats may have no position; apps made with
its SDK may send a JSON list of such objects (`uploadJson`). In query, form and list speed is in knots, `batt`
in percent, `timestamp` in seconds. `mock` is there, and true, only where Android says that another app made
up the position. Any 2xx takes a position off the queue; else the same comes for ever.
Source: https://www.traccar.org/osmand/, https://github.com/traccar/traccar-client,
https://github.com/traccar/traccar-client-sdk (HttpUploader.kt).
"""

from __future__ import annotations

from typing import Any

import orjson

from ingest.reading import Reading, read_all, whole
from ingest.receive.format import Format
from ingest.receive.formats import background_geolocation
from ingest.receive.values import KNOT_MPS, fields, number, optional, seconds, yes
from ingest.sent import Sent

FORM = "traccar"
"""What is refused is kept as the query, the form or the JSON that it came in; of a list, as a list of one."""


def read(sent: Sent, now: float) -> Reading:
    return _message(sent.body or sent.query.encode(), now)


def _message(text: bytes, now: float) -> Reading:
    try:
        if text.lstrip().startswith(b"["):
            points = [point for point in orjson.loads(text) if not _heartbeat(point)]
            return read_all(FORM, map(_point, points), [[point] for point in points], now)
        said = fields(text)
        return Reading(FORM) if _heartbeat(said) else read_all(FORM, [_point(said)], [text], now)
    except ValueError as error:
        return whole(FORM, text, f"not a query, a form or JSON: {error}")


def _heartbeat(said: Any) -> bool:
    return isinstance(said, dict) and bool(said) and not said.keys() & {"lat", "lon", "location"}


def _point(said: Any) -> Any:
    """As one of our own pings."""
    if not isinstance(said, dict):
        return said
    if "location" in said and "lat" not in said:
        return background_geolocation.flat(said["location"])
    return _flat(said)


def _flat(said: dict[str, Any]) -> dict[str, Any]:
    return {
        "t": seconds(said.get("timestamp")),
        "lat": number(said.get("lat")),
        "lon": number(said.get("lon")),
        "accuracy_m": optional(said.get("accuracy")),
        "speed_mps": optional(said.get("speed"), KNOT_MPS),
        "heading_deg": optional(said.get("bearing")),
        "battery_percent": optional(said.get("batt")),
        "mock": yes(said.get("mock")),
    }


FORMAT = Format("traccar", read, {}, {FORM: _message})
