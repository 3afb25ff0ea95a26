"""Overland (iOS): a batch of GeoJSON points to an address with the device's key in it.

Unknown is -1; only {"result":"ok"} takes a batch off the queue.
Source: https://github.com/aaronpk/Overland-iOS#api.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import orjson

from cli.replay.formats import Again
from cli.replay.simulator import Made
from cli.replay.transport import Answer, Outgoing


class Overland:
    uses_key: ClassVar[bool] = True

    def encode(self, base: str, device: str, credential: str, pings: Sequence[Made]) -> Outgoing:  # noqa: ARG002 (the key names the device)
        body = {"locations": [_point(ping) for ping in pings]}
        headers = {"content-type": "application/json"}
        return Outgoing("POST", f"{base}/v1/devices/{credential}/overland", headers, orjson.dumps(body))

    def rejected(self, answer: Answer) -> Sequence[int]:
        if answer.body.replace(b" ", b"") != b'{"result":"ok"}':
            raise Again('the answer is not {"result":"ok"}')
        return []


def _point(ping: Made) -> dict[str, Any]:
    at = datetime.fromtimestamp(ping.t_ms // 1000, UTC).replace(microsecond=ping.t_ms % 1000 * 1000)
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [ping.lon, ping.lat]},
        "properties": {
            "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "horizontal_accuracy": _known(ping.accuracy_m),
            "speed": _known(ping.speed_mps),
            "course": _known(ping.heading_deg),
        },
    }


def _known(value: float) -> float:
    return -1 if math.isnan(value) else value
