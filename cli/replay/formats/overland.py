"""Overland (iOS): a batch of GeoJSON points to an address with the device's key in it.

Unknown is -1; only {"result":"ok"} takes a batch off the queue.
Source: https://github.com/aaronpk/Overland-iOS#api.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import orjson

from cli.replay.formats import Again, iso, or_minus_one
from cli.replay.simulator import Made
from cli.replay.transport import Answer, Outgoing


class Overland:
    uses_key: ClassVar[bool] = True
    most: ClassVar[int] = 1000
    tick_ms: ClassVar[int] = 1

    def encode(self, base: str, device: str, credential: str, pings: Sequence[Made]) -> Outgoing:  # noqa: ARG002 (the key names the device)
        body = {"locations": [_point(ping) for ping in pings]}
        headers = {"content-type": "application/json"}
        return Outgoing("POST", f"{base}/v1/devices/{credential}/overland", headers, orjson.dumps(body))

    def rejected(self, answer: Answer) -> Sequence[int]:
        if answer.body.replace(b" ", b"") != b'{"result":"ok"}':
            raise Again('the answer is not {"result":"ok"}')
        return []


def _point(ping: Made) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [ping.lon, ping.lat]},
        "properties": {
            "timestamp": iso(ping),
            "horizontal_accuracy": or_minus_one(ping.accuracy_m),
            "speed": or_minus_one(ping.speed_mps),
            "course": or_minus_one(ping.heading_deg),
        },
    }
