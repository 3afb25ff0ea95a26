"""Traccar Client, one position a request, in the form of each of its versions; times to the second but in 9.

Source: https://github.com/traccar/traccar-client-android (7.9, ProtocolFormatter.kt; 8 is the same),
https://github.com/traccar/traccar-client (9.7.9, lib/preferences.dart; 10.1.0 with traccar-client-sdk 1.1.2,
HttpUploader.kt).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar
from urllib.parse import urlencode

import orjson

from cli.replay.formats import Keyed, iso, or_minus_one
from cli.replay.simulator import Made
from cli.replay.transport import Outgoing

_KNOT_MPS = 1852 / 3600
_ID = "48241179"
_FORM = {"content-type": "application/x-www-form-urlencoded"}


class Traccar8(Keyed):
    """Everything in the query; what is not known is 0, and version 8 cannot say otherwise."""

    def encode(self, base: str, device: str, credential: str, pings: Sequence[Made]) -> Outgoing:  # noqa: ARG002 (the key names the device)
        (ping,) = pings
        query = {"id": _ID, "timestamp": ping.t_ms // 1000, "lat": ping.lat, "lon": ping.lon}
        query |= {"speed": _or_0(ping.speed_mps) / _KNOT_MPS, "bearing": _or_0(ping.heading_deg)}
        query |= {"altitude": 0.0, "accuracy": _or_0(ping.accuracy_m), "batt": 81.0}
        return Outgoing("POST", f"{_address(base, credential)}?{urlencode(query)}", _FORM, b"")


class Traccar9(Keyed):
    """As background-geolocation has it, by a template."""

    tick_ms: ClassVar[int] = 1

    def encode(self, base: str, device: str, credential: str, pings: Sequence[Made]) -> Outgoing:  # noqa: ARG002
        (ping,) = pings
        coords = {"latitude": ping.lat, "longitude": ping.lon, "accuracy": or_minus_one(ping.accuracy_m)}
        coords |= {"speed": or_minus_one(ping.speed_mps), "heading": or_minus_one(ping.heading_deg)}
        location = {"timestamp": iso(ping), "coords": coords, "is_moving": True, "event": "", "extras": {}}
        location |= {"battery": {"level": 0.81, "is_charging": False}, "activity": {"type": "in_vehicle"}}
        body = orjson.dumps({"location": location, "device_id": _ID})
        return Outgoing("POST", _address(base, credential), {"content-type": "application/json"}, body)


class Traccar10(Keyed):
    """A form; what is not known is left out."""

    def encode(self, base: str, device: str, credential: str, pings: Sequence[Made]) -> Outgoing:  # noqa: ARG002
        (ping,) = pings
        known = {
            "accuracy": ping.accuracy_m,
            "speed": round(ping.speed_mps / _KNOT_MPS, 2),
            "bearing": ping.heading_deg,
        }
        form = {"id": _ID, "lat": ping.lat, "lon": ping.lon, "timestamp": ping.t_ms // 1000}
        form |= {name: value for name, value in known.items() if not math.isnan(value)}
        form |= {"batt": 81, "charge": "false"}
        return Outgoing("POST", _address(base, credential), _FORM, urlencode(form).encode())


def _address(base: str, key: str) -> str:
    return f"{base}/v1/devices/{key}/traccar"


def _or_0(value: float) -> float:
    return 0.0 if math.isnan(value) else value
