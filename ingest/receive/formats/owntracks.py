"""OwnTracks in HTTP mode: one JSON message a request, positions are those of `_type` location.

vel in km/h, batt in percent, tst in seconds. Other types, also `encrypted`, carry nothing for us, and empty
bodies come when a friend is deleted: both are answered and left out. The answer is a list of messages to
the app; none, []. Overland in its OwnTracks mode sends tst as seconds since 2001.
Source: https://owntracks.org/booklet/tech/http/, https://owntracks.org/booklet/tech/json/.
"""

from __future__ import annotations

from typing import Any

import orjson

from ingest.reading import Reading, read_all, whole
from ingest.receive.format import Format
from ingest.receive.values import KMH_MPS, number, optional
from ingest.sent import Sent

FORM = "owntracks"  # what is refused is kept as the body that it came in
SINCE_2001_S = 978_307_200
_YEAR_2005 = 1_104_537_600


def read(sent: Sent, now: float) -> Reading:
    return _message(sent.body, now)


def _message(body: bytes, now: float) -> Reading:
    if not body.strip():
        return Reading(FORM)
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return whole(FORM, body, f"not JSON: {error}")
    if not isinstance(said, dict) or "_type" not in said:
        return whole(FORM, body, "an object with a `_type` is expected")
    if said["_type"] != "location":
        return Reading(FORM)
    return read_all(FORM, [_flat(said)], [body], now)


def _flat(said: dict[str, Any]) -> dict[str, Any]:
    return {
        "t": _time(number(said.get("tst"))),
        "lat": number(said.get("lat")),
        "lon": number(said.get("lon")),
        "accuracy_m": optional(said.get("acc")),
        "speed_mps": optional(said.get("vel"), KMH_MPS),
        "heading_deg": optional(said.get("cog")),
        "battery_percent": optional(said.get("batt")),
    }


def _time(tst: Any) -> Any:
    if isinstance(tst, int | float) and not isinstance(tst, bool) and 0 < tst < _YEAR_2005:
        return tst + SINCE_2001_S
    return tst


FORMAT = Format("owntracks", read, [], {FORM: _message}, waits=False)
