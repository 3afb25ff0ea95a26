"""Many points of a line at once: metres a degree, lengths, longitudes without jumps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo import ellipsoid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def metres_per_degree(lat: Any) -> tuple[Floats, Floats]:
    """As geo.ellipsoid has it, of n latitudes."""
    return ellipsoid.metres_per_degree(lat, np)


def leg_lengths(lon: Floats, lat: Floats) -> Floats:
    """n-1 lengths [m] between n consecutive points [degrees, longitudes unwrapped]."""
    east, north = metres_per_degree((lat[1:] + lat[:-1]) / 2)
    return np.hypot(np.diff(lon) * east, np.diff(lat) * north)


def unwrapped(lon: Floats) -> Floats:
    """n longitudes [degrees] without jumps at the antimeridian; they may leave -180..180."""
    turns = np.rint(np.diff(lon) / 360.0)
    return np.asarray(lon - 360.0 * np.concatenate(([0.0], np.cumsum(turns))))
