"""Metres on the WGS-84 ellipsoid, near one latitude."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SEMI_MAJOR_M = 6_378_137.0
ECCENTRICITY_2 = 6.694_379_990_141_3e-3
MIN_COS = 1e-6  # at a pole a degree of longitude has no length; finite answers need some


def metres_per_degree(lat: Any) -> tuple[Floats, Floats]:
    """Metres of one degree of longitude and of latitude. lat: n degrees. Exact radii of curvature.

    Between points d apart the mid-latitude's figures err by about (d / 6,400 km)² / 24: 3e-6 at 50 km.
    """
    phi = np.radians(lat)
    w = 1.0 - ECCENTRICITY_2 * np.sin(phi) ** 2
    prime_vertical = SEMI_MAJOR_M / np.sqrt(w)
    east = np.radians(prime_vertical * np.maximum(np.cos(phi), MIN_COS))
    return east, np.radians(prime_vertical * (1.0 - ECCENTRICITY_2) / w)


def leg_lengths(lon: Floats, lat: Floats) -> Floats:
    """n-1 lengths [m] between n consecutive points [degrees, longitudes unwrapped]."""
    east, north = metres_per_degree((lat[1:] + lat[:-1]) / 2)
    return np.hypot(np.diff(lon) * east, np.diff(lat) * north)


def unwrapped(lon: Floats) -> Floats:
    """n longitudes [degrees] without jumps at the antimeridian; they may leave -180..180."""
    turns = np.rint(np.diff(lon) / 360.0)
    return np.asarray(lon - 360.0 * np.concatenate(([0.0], np.cumsum(turns))))
