"""What progress means: off the route, stalled, at a stop, finished, when it will arrive.

Each threshold has its unit and its reason; what takes evidence over time is kept in the packed state.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from geo.ellipsoid import Floats
from geo.index import Ints
from geo.packing import Working
from geo.state import CM, STALL_M, TENTHS, MatchState

OFF_ROUTE_M = 60.0  # entered beyond this: a block's depth, more than an ordinary fix ever errs ...
OFF_ROUTE_SIGMAS = 3.0  # ... or than an inaccurate one may
ON_ROUTE_M = 40.0  # left within this, so that a courier along the edge does not flicker
OFF_ROUTE_PINGS = 3  # evidence to enter: outliers come alone, seldom in pairs
STALL_MEAN_S = 60.0  # with STALL_M: slower than 0.7 m/s is no progress
SURE = 0.8  # confidence from which progress counts as reached
FINISH_M = 40.0  # the end counts as reached from here: twice the error of an ordinary fix and the last corner
SLOWEST_MPS = 0.3  # an ETA at less than this is none
LONGEST_S = 1e9


class Stop(NamedTuple):
    """A place on the route: metres along it, radius [m]."""

    along_m: float
    radius_m: float


def update(working: Working, row: Ints, elapsed: Floats, nearest: Floats, sigma: Floats) -> None:
    """Fold one ping of some couriers: n × elapsed [s], distance from the route [m], sigma [m]."""
    off = working.off_route[row]
    far = nearest > np.where(off, ON_ROUTE_M, np.maximum(OFF_ROUTE_M, OFF_ROUTE_SIGMAS * sigma))
    astray = np.where(far, np.minimum(working.astray[row] + 1, 255), 0)
    working.astray[row] = astray
    working.off_route[row] = np.where(off, far, astray >= OFF_ROUTE_PINGS)

    along = working.along[row]
    matched = ~working.outlier[row]
    sure = matched & (working.confidence[row] >= SURE)
    working.reached[row] = np.where(sure, np.maximum(working.reached[row], along), working.reached[row])
    # Against the mean of the last minute, so that the noise of standing still never adds up to a move.
    recent = working.moved[row]
    moved = matched & (np.abs(along - recent) >= STALL_M)
    still = np.minimum(working.still[row] + elapsed, LONGEST_S / TENTHS)
    working.still[row] = np.where(moved, 0.0, np.rint(still * TENTHS) / TENTHS)
    drawn = recent + np.minimum(elapsed / STALL_MEAN_S, 1.0) * (along - recent)
    working.moved[row] = np.where(moved, along, np.where(matched, np.rint(drawn * CM) / CM, recent))


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
