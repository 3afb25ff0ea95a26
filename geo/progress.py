"""What progress means: off the route, stalled, at a stop, finished, when it will arrive.

Each threshold has its unit and its reason; what takes evidence over time is kept in the packed state.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from geo.state import STALL_M, MatchState


@dataclass(frozen=True, slots=True)
class Progress:
    """Frozen; what geo/kernel/match.c decides ping by ping."""

    off_route_m: float = 60.0
    """Entered beyond this: a block's depth, more than an ordinary fix ever errs ..."""
    off_route_sigmas: float = 3.0
    """... or than an inaccurate one may."""
    on_route_m: float = 40.0
    """Left within this, so that a courier along the edge does not flicker."""
    off_route_pings: float = 3
    """Evidence to enter: outliers come alone, seldom in pairs."""
    stall_mean_s: float = 60.0
    """With stall_m: slower than 0.7 m/s is no progress."""
    stall_m: float = STALL_M
    sure: float = 0.8
    """Confidence from which progress counts as reached."""


PROGRESS = Progress()
FINISH_M = 40.0  # the end counts as reached from here: twice the error of an ordinary fix and the last corner
SLOWEST_MPS = 0.3  # an ETA at less than this is none


class Stop(NamedTuple):
    """A place on the route: metres along it, radius [m]."""

    along_m: float
    radius_m: float


def eta_s(state: MatchState, length_m: float) -> float | None:
    """Seconds from the newest fix to the route's end; None before the first match.

    Method: what remains, at the pace that the courier keeps with its stops (cruising speed × share of moving,
    both as learnt on this trip).
    """
    pace = state.pace_mps
    if not math.isfinite(state.t) or pace < SLOWEST_MPS:
        return None
    return max(length_m - state.along_m, 0.0) / pace


def finished(state: MatchState, length_m: float) -> bool:
    """Whether the courier has surely been at the route's end."""
    return state.reached_m >= length_m - FINISH_M and math.isfinite(state.t)


def stop_at(stops: Sequence[Stop], state: MatchState) -> int | None:
    """Which stop the courier stands at: on the route and within its radius along it; the nearest of
    several.
    """
    if not state.on_route or not math.isfinite(state.t):
        return None
    inside = [i for i, stop in enumerate(stops) if abs(stop.along_m - state.along_m) <= stop.radius_m]
    return min(inside, key=lambda i: abs(stops[i].along_m - state.along_m), default=None)
