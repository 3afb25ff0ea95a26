"""What progress means: off the route, stalled, how far it has surely come (geo/arrival.py has the rest).

Each threshold has its unit and its reason; what takes evidence over time is kept in the packed state.
"""

from __future__ import annotations

import numpy as np

from geo.arrival import SURE
from geo.ellipsoid import Floats
from geo.index import Ints
from geo.packing import Working
from geo.state import CM, STALL_M, TENTHS

OFF_ROUTE_M = 60.0  # entered beyond this: a block's depth, more than an ordinary fix ever errs ...
OFF_ROUTE_SIGMAS = 3.0  # ... or than an inaccurate one may
ON_ROUTE_M = 40.0  # left within this, so that a courier along the edge does not flicker
OFF_ROUTE_PINGS = 3  # evidence to enter: outliers come alone, seldom in pairs
STALL_MEAN_S = 60.0  # with STALL_M: slower than 0.7 m/s is no progress
LONGEST_S = 1e9


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
