"""Where along its route a courier is: state in, state out, one ping at a time.

Each ping is snapped within the stretch that could have been reached since the last good match, at
the point that best balances distance from the line against the expected travel. What lies out of
reach is never taken, so progress does not jump between laps or between out and back; the reach
grows with the time since the last good match, so nothing stays stuck after a gap.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from geo.route import CompiledRoute

MAX_SPEED_MPS = 42.0  # 150 km/h: faster than any road vehicle we serve
SLACK_M = 40.0  # two typical fixes' error in a street
BACK_M = 60.0  # how far a fix may pull progress back: noise, not travel
OFF_ROUTE_M = 60.0  # entered beyond this: three times a poor urban fix ...
ON_ROUTE_M = 40.0  # ... and left within this, so that the edge does not flicker
OFF_ROUTE_PINGS = 2  # evidence needed, so that one outlier raises nothing
JOIN_PENALTY = 0.05  # metres of offset that a metre of unearned progress costs when joining
STALL_M = 25.0  # less progress than this ...
STALL_S = 180.0  # ... for this long is a stall: longer than a traffic light
SPEED_MEMORY_S = 60.0  # how long past travel counts for the expected speed
TRAVEL_SIGMA = 0.6  # how far the real speed strays from the expected, as a share
OFFSET_SIGMA_M = 12.0  # error of a fix across the road where the phone states none

_STATE = struct.Struct("<BdddfffddB")


class Fix(NamedTuple):
    """One position: t [s, Unix], lat, lon [degrees, WGS-84], accuracy [m, 1 sigma; nan unknown]."""

    t: float
    lat: float
    lon: float
    accuracy_m: float = math.nan


@dataclass(frozen=True, slots=True)
class MatchState:
    """One courier on one route. Times in Unix seconds, lengths in metres, speed in m/s."""

    t: float = -math.inf  # newest fix
    good_t: float = -math.inf  # newest fix that was on the route
    along_m: float = 0.0
    offset_m: float = 0.0
    speed_mps: float = 0.0
    reached_m: float = 0.0  # furthest progress
    moved_t: float = -math.inf  # when progress last grew by STALL_M ...
    moved_m: float = 0.0  # ... and from where
    astray: int = 0  # consecutive fixes beyond the threshold, capped at 255

    @property
    def on_route(self) -> bool:
        return self.astray < OFF_ROUTE_PINGS

    @property
    def stalled(self) -> bool:
        return self.t - self.moved_t > STALL_S

    def pack(self) -> bytes:
        """54 bytes."""
        return _STATE.pack(
            1, self.t, self.good_t, self.along_m, self.offset_m, self.speed_mps, self.reached_m,
            self.moved_t, self.moved_m, self.astray,
        )  # fmt: skip

    @classmethod
    def unpack(cls, data: bytes) -> MatchState:
        return cls(*_STATE.unpack(data)[1:])


class Matched(NamedTuple):
    """What was found for one fix."""

    along_m: float
    offset_m: float
    on_route: bool


def advance(
    route: CompiledRoute, state: MatchState, fixes: Iterable[Fix]
) -> tuple[MatchState, list[Matched]]:
    """Fold fixes, in time order, into the state; one result a fix.

    A fix that is not newer than the state's newest changes nothing and is reported where the state stands.
    """
    found = []
    for fix in fixes:
        if fix.t > state.t:
            state = _step(route, state, fix)
        found.append(Matched(state.along_m, state.offset_m, state.on_route))
    return state, found


def _step(route: CompiledRoute, state: MatchState, fix: Fix) -> MatchState:
    x, y = route.plane.to_xy(fix.lon, fix.lat)
    along, offset = _join(route, x, y) if state.good_t == -math.inf else _follow(route, state, fix, x, y)
    threshold = OFF_ROUTE_M if state.on_route else ON_ROUTE_M
    if offset > threshold:  # progress stands still until the courier is back
        return replace(state, t=fix.t, offset_m=_f32(offset), astray=min(state.astray + 1, 255))
    elapsed = fix.t - state.good_t
    speed = state.speed_mps
    if math.isfinite(elapsed):
        share = min(elapsed / SPEED_MEMORY_S, 1.0)
        speed += share * (max(along - state.along_m, 0.0) / elapsed - speed)
    reached = max(state.reached_m, along)
    moved = reached - state.moved_m >= STALL_M or state.moved_t == -math.inf
    return MatchState(
        t=fix.t,
        good_t=fix.t,
        along_m=along,
        offset_m=_f32(offset),
        speed_mps=_f32(speed),
        reached_m=_f32(reached),
        moved_t=fix.t if moved else state.moved_t,
        moved_m=_f32(reached) if moved else state.moved_m,
        astray=0,
    )


def _join(route: CompiledRoute, x: float, y: float) -> tuple[float, float]:
    """The first match: the nearest point, where nearly equal ones the earliest."""
    candidates = _project(route, x, y, 0.0, route.length_m)
    along, offset = min(candidates, key=lambda c: c[1] + JOIN_PENALTY * min(c[0], 1000.0))
    return along, offset


def _follow(route: CompiledRoute, state: MatchState, fix: Fix, x: float, y: float) -> tuple[float, float]:
    elapsed = fix.t - state.good_t
    low = max(state.along_m - BACK_M, 0.0)
    high = min(state.along_m + elapsed * MAX_SPEED_MPS + SLACK_M, route.length_m)
    expected = state.along_m + state.speed_mps * elapsed
    travel_sigma = SLACK_M + TRAVEL_SIGMA * max(state.speed_mps, 3.0) * elapsed
    sigma = max(fix.accuracy_m, OFFSET_SIGMA_M) if math.isfinite(fix.accuracy_m) else OFFSET_SIGMA_M

    def cost(candidate: tuple[float, float]) -> float:
        along, offset = candidate
        return (offset / sigma) ** 2 + ((along - expected) / travel_sigma) ** 2

    return min(_project(route, x, y, low, high), key=cost)


def _project(
    route: CompiledRoute, x: float, y: float, low: float, high: float
) -> Iterable[tuple[float, float]]:
    """(along_m, offset_m) of the nearest point of each leg between `low` and `high` metres."""
    for i in range(route.leg_at(low), route.leg_at(high) + 1):
        x0, y0, start = route.xs[i], route.ys[i], route.cumulative[i]
        dx, dy, length = route.xs[i + 1] - x0, route.ys[i + 1] - y0, route.cumulative[i + 1] - start
        part = ((x - x0) * dx + (y - y0) * dy) / (length * length)
        along = min(max(start + min(max(part, 0.0), 1.0) * length, low), high)
        part = (along - start) / length
        yield along, math.hypot(x - x0 - part * dx, y - y0 - part * dy)


def _f32(value: float) -> float:
    """Rounded as the packed state holds it, so that a state read back equals the one written."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])
