"""Metres on the WGS-84 ellipsoid, near one latitude."""

from __future__ import annotations

import math
from typing import Any

SEMI_MAJOR_M = 6_378_137.0
ECCENTRICITY_2 = 6.694_379_990_141_3e-3
MIN_COS = 1e-6  # at a pole a degree of longitude has no length; finite answers need some


def metres_per_degree(lat: Any, of: Any = math) -> tuple[Any, Any]:
    """Metres of one degree of longitude and of latitude. lat [degrees]; `of`: whose functions, math's for one
    latitude or numpy's for many. Exact radii of curvature.

    Between points d apart the mid-latitude's figures err by about (d / 6,400 km)² / 24: 3e-6 at 50 km.
    """
    phi = of.radians(lat)
    w = 1.0 - ECCENTRICITY_2 * of.sin(phi) ** 2
    prime_vertical = SEMI_MAJOR_M / of.sqrt(w)
    east = of.radians(prime_vertical * of.hypot(of.cos(phi), MIN_COS))
    return east, of.radians(prime_vertical * (1.0 - ECCENTRICITY_2) / w)
