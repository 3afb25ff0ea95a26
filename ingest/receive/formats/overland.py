"""Overland (iOS): {"locations": [GeoJSON Feature of a Point, …], "current"?: Feature}.

Speed in m/s and course in degrees, -1 for unknown; timestamps ISO 8601. Only {"result":"ok"} takes a
batch off the phone's queue. Source: https://github.com/aaronpk/Overland-iOS#api.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from ingest.receive.reading import Reading, Refusal, TooDeep, read_all

REPLY = {"result": "ok"}
POINT, WHOLE = "overland", "overland-body"
"""The forms of what is refused: one Feature, or the body as it came."""


def read(body: bytes, now: float) -> Reading:
    """Never raises: what is not understood is refused with its reason, so that the queue moves on."""
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return _whole(body, f"not JSON: {error}")
    if not isinstance(message, dict) or not isinstance(message.get("locations"), list):
        return _whole(body, "an object with a list `locations` is expected")
    points = [*message["locations"]]
    if message.get("current"):  # the newest fix, sent ahead of a backlog
        points.append(message["current"])
    try:
        return read_all(POINT, [_flat(point) for point in points], points, now)
    except TooDeep as deep:
        return _whole(body, str(deep))


def _whole(body: bytes, reason: str) -> Reading:
    return Reading(WHOLE, refused=[Refusal(0, "body", reason, body)])


def _flat(point: Any) -> Any:
    """A Feature as one of our own pings; whatever is missing or of another type is left for the check."""
    if not isinstance(point, dict):
        return point
    geometry, properties = point.get("geometry"), point.get("properties")
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    lon, lat = coordinates[:2] if isinstance(coordinates, list) and len(coordinates) >= 2 else (None, None)
    said = properties if isinstance(properties, dict) else {}
    return {
        "t": _seconds(said.get("timestamp")),
        "lat": lat,
        "lon": lon,
        "accuracy_m": said.get("horizontal_accuracy"),
        "speed_mps": said.get("speed"),
        "heading_deg": said.get("course"),
    }


def _seconds(timestamp: Any) -> Any:
    """Unix seconds of an ISO 8601 time; anything else as it came, for the check to name."""
    if not isinstance(timestamp, str):
        return timestamp
    try:
        time = datetime.fromisoformat(timestamp)
    except ValueError:
        return timestamp
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
