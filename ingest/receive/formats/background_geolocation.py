"""transistorsoft background-geolocation, a library in many apps: {"location": {…} or [{…}, …], …}.

A location has `timestamp` (ISO 8601 with ms), `coords` with speed in m/s and heading in degrees, -1 for
unknown, `battery.level` from 0 to 1, and `mock`, true, only where the phone says that another app made up
the position. Where the app has set the root to ".", the body is the location or the list itself. The order
may be either way. 200, 201 and 204 take the batch off the queue, anything else stops it for a while; an
answer is also read for commands under `background_geolocation`, hence {}.
Source: https://transistorsoft.github.io/react-native-background-geolocation/latest/interfaces/HttpConfig.html.
"""

from __future__ import annotations

from typing import Any

import orjson

from ingest.reading import Reading, Unfit, read_all, whole
from ingest.receive.format import Format
from ingest.receive.values import number, optional, seconds, yes
from ingest.sent import Sent

POINT, WHOLE = "background-geolocation", "background-geolocation-body"
"""The forms of what is refused: one location, or the body as it came."""


def read(sent: Sent, now: float) -> Reading:
    return _body(sent.body, now)


def _body(body: bytes, now: float) -> Reading:
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return whole(WHOLE, body, f"not JSON: {error}")
    points = message.get("location", message) if isinstance(message, dict) else message
    if isinstance(points, dict) and ("coords" in points or points is not message):
        points = [points]
    if not isinstance(points, list):
        return whole(WHOLE, body, "an object with `location`, an object or a list, is expected")
    try:
        return read_all(POINT, map(flat, points), points, now)
    except Unfit as unfit:
        return whole(WHOLE, body, str(unfit))


def _point(original: bytes, now: float) -> Reading:
    """Raises orjson.JSONDecodeError."""
    return read_all(POINT, [flat(orjson.loads(original))], [original], now)


def flat(point: Any) -> Any:
    """A location as one of our own pings."""
    if not isinstance(point, dict):
        return point
    coords = point.get("coords")
    said = coords if isinstance(coords, dict) else {}
    battery = point.get("battery")
    return {
        "t": seconds(point.get("timestamp")),
        "lat": number(said.get("latitude")),
        "lon": number(said.get("longitude")),
        "accuracy_m": optional(said.get("accuracy")),
        "speed_mps": optional(said.get("speed")),
        "heading_deg": optional(said.get("heading")),
        "battery_percent": optional(battery.get("level"), 100) if isinstance(battery, dict) else None,
        "mock": yes(point.get("mock")),
    }


FORMAT = Format("background-geolocation", read, {}, {POINT: _point, WHOLE: _body}, waits=False)
