"""OwnTracks in HTTP mode, one message a request: whole seconds, metres and km/h.

Source: https://github.com/owntracks/android (2.6.0, MessageLocation.kt), https://owntracks.org/booklet/tech/json/.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import orjson

from cli.replay.formats import Keyed
from cli.replay.simulator import Made
from cli.replay.transport import Outgoing

_KMH_MPS = 1 / 3.6


class OwnTracks(Keyed):
    def encode(self, base: str, device: str, credential: str, pings: Sequence[Made]) -> Outgoing:  # noqa: ARG002 (the key names the device)
        (ping,) = pings
        known = {
            "acc": ping.accuracy_m,
            "vel": ping.speed_mps / _KMH_MPS,
            "cog": ping.heading_deg,
        }
        said: dict[str, Any] = {
            "_type": "location",
            "lat": ping.lat,
            "lon": ping.lon,
            "tst": ping.t_ms // 1000,
        }
        said |= {name: round(value) for name, value in known.items() if not math.isnan(value)}
        said |= {"tid": "ix", "topic": "owntracks/http/ix", "t": "u", "batt": 81, "m": 2}
        headers = {
            "content-type": "application/json; charset=utf-8",
            "x-limit-u": "user",
            "x-limit-d": "phone",
        }
        return Outgoing("POST", f"{base}/v1/devices/{credential}/owntracks", headers, orjson.dumps(said))
