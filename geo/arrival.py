"""Arriving: at a stop, at the route's end, and when. No numpy here, so that whoever shows a courier can ask.

Each threshold has its unit and its reason.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from geo.state import MatchState

SURE = 0.8  # confidence from which progress counts as reached: one place four times as likely as all others
FINISH_M = 40.0  # the end counts as reached from here: twice the error of an ordinary fix and the last corner
FINISH_SHARE = 0.5  # ... but never in the first half of a route, however short
SLOWEST_MPS = 0.3  # a pace below this is a stand, and an ETA at it a guess of hours


class Stop(NamedTuple):
    """A place that the route passes: where it was put [degrees, WGS-84], and metres along the route."""

    name: str
    lon: float
    lat: float
    radius_m: float
    along_m: float


class Progress(Protocol):
    """What a state and a matched ping say alike."""

    @property
    def along_m(self) -> float: ...
    @property
    def on_route(self) -> bool: ...
    @property
    def confidence(self) -> float: ...


def eta_s(state: MatchState, length_m: float) -> float | None:
    """Seconds from the newest fix to the route's end; None before the first match, off the route, and for
    who hardly moves.

    Method: what remains, at the pace that the courier keeps with its stops (its mean of the last
    15 minutes; at first what couriers do).
    """
    pace = state.pace_mps
    if not math.isfinite(state.t) or not state.on_route or pace < SLOWEST_MPS:
        return None
    return max(length_m - state.along_m, 0.0) / pace


def finish_m(length_m: float) -> float:
    """Metres along a route of `length_m` from which its end counts as reached."""
    return length_m - min(FINISH_M, FINISH_SHARE * length_m)


def arrival_m(length_m: float, stops: Sequence[Stop]) -> float:
    """Metres along a route from which a courier is there: its end, or the radius of its last stop where the
    end lies within it; never in the first half.
    """
    last = max(stops, key=lambda stop: stop.along_m, default=None)
    if last is None or length_m - last.along_m > last.radius_m:
        return finish_m(length_m)
    return max(min(finish_m(length_m), last.along_m - last.radius_m), FINISH_SHARE * length_m)


def arrived(state: MatchState, length_m: float) -> bool:
    """Whether the courier has surely been at the end of a route of `length_m` (0: unknown, so never)."""
    return length_m > 0 and math.isfinite(state.t) and state.reached_m >= finish_m(length_m)


def stop_at(stops: Sequence[Stop], told: Progress) -> int | None:
    """Which stop the courier is at: on the route, surely, and within its radius along it; the nearest of
    several. Along the route, so that the same corner on another lap is no stop.
    """
    if not told.on_route or told.confidence < SURE:
        return None
    inside = [i for i, stop in enumerate(stops) if abs(stop.along_m - told.along_m) <= stop.radius_m]
    return min(inside, key=lambda i: abs(stops[i].along_m - told.along_m), default=None)
