"""GPSLogger (Android): GET with the query of our set-up page, one position a request, whole seconds.

What is not known is 0.0. Source: https://github.com/mendhak/gpslogger (version 136, CustomUrlManager.java).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from urllib.parse import urlencode

from cli.replay.formats import Keyed
from cli.replay.simulator import Made
from cli.replay.transport import Outgoing


class GpsLogger(Keyed):
    def encode(self, base: str, device: str, credential: str, pings: Sequence[Made]) -> Outgoing:  # noqa: ARG002 (the key names the device)
        (ping,) = pings
        query = {"lat": ping.lat, "lon": ping.lon, "timestamp": ping.t_ms // 1000}
        known = {"acc": ping.accuracy_m, "spd": ping.speed_mps, "dir": ping.heading_deg}
        query |= {name: 0.0 if math.isnan(value) else value for name, value in known.items()}
        return Outgoing("GET", f"{base}/v1/devices/{credential}/gpslogger?{urlencode(query)}")
