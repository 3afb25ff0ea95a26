"""transistorsoft background-geolocation with batchSync: a list of locations a request, times in milliseconds.

Success is 200, 201 or 204. Source: https://github.com/transistorsoft/react-native-background-geolocation
(5.2.0, HttpEvent.d.ts, "HTTP Guide").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import orjson

from cli.replay.formats import Again, Keyed, iso, or_minus_one
from cli.replay.simulator import Made
from cli.replay.transport import Answer, Outgoing

_SUCCESS = (200, 201, 204)


class BackgroundGeolocation(Keyed):
    most: ClassVar[int] = 250
    tick_ms: ClassVar[int] = 1

    def encode(self, base: str, device: str, credential: str, pings: Sequence[Made]) -> Outgoing:  # noqa: ARG002 (the key names the device)
        body = orjson.dumps({"location": [_location(ping) for ping in pings]})
        address = f"{base}/v1/devices/{credential}/background-geolocation"
        return Outgoing("POST", address, {"content-type": "application/json"}, body)

    def rejected(self, answer: Answer) -> Sequence[int]:
        if answer.status not in _SUCCESS:
            raise Again(f"the answer {answer.status} is none of 200, 201 and 204")
        return []


def _location(ping: Made) -> dict[str, Any]:
    coords = {"latitude": ping.lat, "longitude": ping.lon, "accuracy": or_minus_one(ping.accuracy_m)}
    coords |= {"speed": or_minus_one(ping.speed_mps), "heading": or_minus_one(ping.heading_deg)}
    return {"event": "", "is_moving": True, "timestamp": iso(ping), "coords": coords, "extras": {}}
