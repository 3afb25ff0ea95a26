"""A ping: one fix of a phone, in the integer units of the wire.

A ping is quantised once, when it comes in, so that everything behind sees the same numbers:
time to 1 ms, position to 1e-6 degree (0.11 m), accuracy and speed to 0.1, heading to 1 degree.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from geo.state import Fix

UNKNOWN = -1
MAX_FUTURE_S = 300.0  # a phone's clock may run ahead this much
HORIZON_S = 30 * 86_400.0  # older than this is refused: well before the history's TTL
_ACCURACY_MAX_M = 3_000.0
_SPEED_MAX_MPS = 3_000.0
MOCK = 1
"""Bit of `flags`: the phone says that an app, not its receiver, made up the position."""
_FAR = 1e14  # beyond any time, even in milliseconds


class Ping(NamedTuple):
    """t_ms [ms, Unix], lat_e6, lon_e6 [1e-6 degree], accuracy_dm [0.1 m], speed_dmps [0.1 m/s],
    heading [degree]; UNKNOWN where the phone states none. flags: MOCK or 0.
    """

    t_ms: int
    lat_e6: int
    lon_e6: int
    accuracy_dm: int = UNKNOWN
    speed_dmps: int = UNKNOWN
    heading: int = UNKNOWN
    flags: int = 0

    @property
    def t(self) -> float:
        return self.t_ms / 1000

    @property
    def lat(self) -> float:
        return self.lat_e6 / 1e6

    @property
    def lon(self) -> float:
        return self.lon_e6 / 1e6

    @property
    def mock(self) -> bool:
        return bool(self.flags & MOCK)

    def fix(self) -> Fix:
        return Fix(
            self.t,
            self.lat,
            self.lon,
            self.accuracy_dm / 10 if self.accuracy_dm != UNKNOWN else math.nan,
            self.speed_dmps / 10 if self.speed_dmps != UNKNOWN else math.nan,
            self.heading if self.heading != UNKNOWN else math.nan,
        )


class BadPing(ValueError):
    """A ping that cannot be taken: `field` and `reason` say why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def read_ping(raw: Any, now: float) -> Ping:
    """A ping from {"t","lat","lon","accuracy_m"?,"speed_mps"?,"heading_deg"?,"mock"?}, checked against `now`
    [s].

    Unknown members are ignored; null and negative values of the optional ones mean unknown.
    Raises BadPing.
    """
    if not isinstance(raw, dict):
        raise BadPing("", f"a ping is an object, not {_kind(raw)}")
    ping = Ping(
        round(_number(raw, "t") * 1000),
        round(_number(raw, "lat") * 1e6),
        round(_number(raw, "lon") * 1e6),
        _scaled(raw, "accuracy_m", 10, _ACCURACY_MAX_M),
        _scaled(raw, "speed_mps", 10, _SPEED_MAX_MPS),
        _heading(raw),
        _flags(raw),
    )
    check_ping(ping, now)
    return ping


def check_ping(ping: Ping, now: float) -> None:
    """Raises BadPing for a time or a place that no phone can have. now: Unix seconds."""
    t, lat, lon = ping.t, ping.lat, ping.lon
    if t > now + MAX_FUTURE_S:
        raise BadPing(
            "t", f"{t:.0f} lies {t - now:.0f} s in the future; Unix seconds are expected, check the clock"
        )
    if t < now - HORIZON_S:
        raise BadPing(
            "t", f"{t:.0f} is more than {HORIZON_S / 86_400:.0f} days old; Unix seconds are expected"
        )
    if not -90 <= lat <= 90:
        raise BadPing("lat", f"{lat} is outside -90 to 90 degrees")
    if not -180 <= lon <= 180:
        raise BadPing("lon", f"{lon} is outside -180 to 180 degrees")
    if lat == 0 and lon == 0:
        raise BadPing("lat", "0,0 is what a phone sends without a fix")


def _number(raw: dict[str, Any], field: str) -> float:
    value = raw.get(field)
    if value is None:
        raise BadPing(field, "is missing")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadPing(field, f"is {_kind(value)}; a number is expected")
    if not abs(value) < _FAR:
        raise BadPing(field, "is not a finite number" if not math.isfinite(value) else "is far too large")
    return float(value)


def _scaled(raw: dict[str, Any], field: str, scale: int, limit: float) -> int:
    if raw.get(field) is None:
        return UNKNOWN
    value = _number(raw, field)
    return UNKNOWN if value < 0 else round(min(value, limit) * scale)


def _heading(raw: dict[str, Any]) -> int:
    if raw.get("heading_deg") is None:
        return UNKNOWN
    value = _number(raw, "heading_deg")
    return UNKNOWN if value < 0 else round(value % 360) % 360


def _flags(raw: dict[str, Any]) -> int:
    mock = raw.get("mock")
    if mock is not None and not isinstance(mock, bool):
        raise BadPing("mock", f"is {_kind(mock)}; true or false is expected")
    return MOCK if mock else 0


def _kind(value: Any) -> str:
    names = {str: "a string", bool: "true or false", list: "a list", dict: "an object", type(None): "null"}
    return names.get(type(value), "a number")
