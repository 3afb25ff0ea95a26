"""Overland (iOS): {"locations": [GeoJSON Feature of a Point, …], "current"?: Feature}.

Speed in m/s and course in degrees, -1 for unknown; battery_level from 0 to 1; timestamps ISO 8601. Only
{"result":"ok"} takes a batch off the phone's queue. Source: https://github.com/aaronpk/Overland-iOS#api.
"""

from __future__ import annotations

from typing import Any

import orjson

from ingest.reading import Reading, Unfit, read_all, whole
from ingest.receive.format import Format
from ingest.receive.values import optional, seconds
from ingest.sent import Sent

POINT, WHOLE = "overland", "overland-body"
"""The forms of what is refused: one Feature, or the body as it came."""


def read(sent: Sent, now: float) -> Reading:
    return _body(sent.body, now)


def _body(body: bytes, now: float) -> Reading:
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return whole(WHOLE, body, f"not JSON: {error}")
    if not isinstance(message, dict) or not isinstance(message.get("locations"), list):
        return whole(WHOLE, body, "an object with a list `locations` is expected")
    points = [*message["locations"]]
    if message.get("current"):  # the newest fix, sent ahead of a backlog
        points.append(message["current"])
    try:
        return read_all(POINT, map(_flat, points), points, now)
    except Unfit as unfit:
        return whole(WHOLE, body, str(unfit))


def _point(original: bytes, now: float) -> Reading:
    """Raises orjson.JSONDecodeError."""
    return read_all(POINT, [_flat(orjson.loads(original))], [original], now)


def _flat(point: Any) -> Any:
    """A Feature as one of our own pings; whatever is missing or of another type is left for the check."""
    if not isinstance(point, dict):
        return point
    geometry, properties = point.get("geometry"), point.get("properties")
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    lon, lat = coordinates[:2] if isinstance(coordinates, list) and len(coordinates) >= 2 else (None, None)
    said = properties if isinstance(properties, dict) else {}
    return {
        "t": seconds(said.get("timestamp")),
        "lat": lat,
        "lon": lon,
        "accuracy_m": optional(said.get("horizontal_accuracy")),
        "speed_mps": optional(said.get("speed")),
        "heading_deg": optional(said.get("course")),
        "battery_percent": optional(said.get("battery_level"), 100),
    }


FORMAT = Format("overland", read, {"result": "ok"}, {POINT: _point, WHOLE: _body})
