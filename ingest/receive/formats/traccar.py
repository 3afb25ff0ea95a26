"""Traccar Client, one position a request; `id` names the phone, which our address does already.

Up to 8: everything in the query of a POST without a body. 9: JSON, {"location": {…}, "device_id": …}, made
with transistorsoft's library, speed in m/s. 10: a form, whose heartbeats may have no position. In query and
form speed is in knots, `batt` in percent, `timestamp` in seconds. `mock` is there, and true, only where
Android says that another app made up the position. Any 2xx takes a position off the queue; else the same
comes for ever.
Source: https://www.traccar.org/osmand/, https://github.com/traccar/traccar-client.
"""

from __future__ import annotations

from typing import Any

from ingest.receive.format import Format
from ingest.receive.formats import background_geolocation
from ingest.receive.reading import Reading, read_all, whole
from ingest.receive.sent import Sent
from ingest.receive.values import KNOT_MPS, fields, number, optional, seconds, yes

FORM = "traccar"  # what is refused is kept as the query, the form or the JSON that it came in


def read(sent: Sent, now: float) -> Reading:
    return _message(sent.body or sent.query.encode(), now)


def _message(text: bytes, now: float) -> Reading:
    try:
        said = fields(text)
        if "location" in said and "lat" not in said:
            point = background_geolocation.flat(said["location"])
        elif "lat" not in said and "lon" not in said and said:
            return Reading(FORM)  # a heartbeat
        else:
            point = _flat(said)
        return read_all(FORM, [point], [text], now)
    except ValueError as error:
        return whole(FORM, text, f"not a query, a form or JSON: {error}")


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
