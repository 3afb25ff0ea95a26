"""GPSLogger (Android), "Log to custom URL": one position a request, in the query or in the body.

The names are those of its %ALL; others that its users' templates have are taken too. spd is in m/s, spd_kph
in km/h, batt in percent, timestamp in seconds; `time` is read where there is no timestamp. What the phone
does not know is empty. Any 2xx is success; after a few others the position is dropped, and its CSV file can
be sent again.
Source: https://gpslogger.app/, "Logging to a custom URL".
"""

from __future__ import annotations

from typing import Any

from ingest.reading import Reading, read_all, whole
from ingest.receive.format import Format
from ingest.receive.values import KMH_MPS, fields, number, optional, seconds
from ingest.sent import Sent

FORM = "gpslogger"  # what is refused is kept as the query, the form or the JSON that it came in


def read(sent: Sent, now: float) -> Reading:
    return _message(sent.body or sent.query.encode(), now)


def _message(text: bytes, now: float) -> Reading:
    try:
        return read_all(FORM, [_flat(fields(text))], [text], now)
    except ValueError as error:
        return whole(FORM, text, f"not a query, a form or JSON: {error}")


def _flat(said: dict[str, Any]) -> dict[str, Any]:
    speed = optional(_first(said, "spd", "speed", "s"))
    return {
        "t": seconds(_first(said, "timestamp", "time")),
        "lat": number(_first(said, "lat", "latitude")),
        "lon": number(_first(said, "lon", "longitude")),
        "accuracy_m": optional(_first(said, "acc", "accuracy")),
        "speed_mps": optional(said.get("spd_kph"), KMH_MPS) if speed is None else speed,
        "heading_deg": optional(_first(said, "dir", "direction", "bearing")),
        "battery_percent": optional(_first(said, "batt", "battery")),
    }


def _first(said: dict[str, Any], *names: str) -> Any:
    """Of the first name that says something."""
    return next((said[name] for name in names if said.get(name) not in (None, "")), None)


FORMAT = Format("gpslogger", read, {}, {FORM: _message}, waits=False)
