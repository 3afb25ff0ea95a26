"""A metric plane around a place, for distances of a city's or a district's size."""

from __future__ import annotations

import math
from dataclasses import dataclass

EARTH_A_M = 6_378_137.0
EARTH_E2 = 6.694_379_990_14e-3
"""WGS-84 ellipsoid: semi-major axis [m] and squared eccentricity."""


@dataclass(frozen=True, slots=True)
class Plane:
    """Local equirectangular plane with the ellipsoid's radii at its origin; x east, y north [m]."""

    lon0: float
    lat0: float

    @property
    def metres_per_degree(self) -> tuple[float, float]:
        """East and north at the origin."""
        sin = math.sin(math.radians(self.lat0))
        w = 1 - EARTH_E2 * sin * sin
        east = EARTH_A_M / math.sqrt(w) * math.cos(math.radians(self.lat0))
        north = EARTH_A_M * (1 - EARTH_E2) / w**1.5
        return math.radians(east), math.radians(north)

    def to_xy(self, lon: float, lat: float) -> tuple[float, float]:
        east, north = self.metres_per_degree
        return ((lon - self.lon0 + 180) % 360 - 180) * east, (lat - self.lat0) * north

    def to_lonlat(self, x: float, y: float) -> tuple[float, float]:
        east, north = self.metres_per_degree
        return (self.lon0 + x / east + 180) % 360 - 180, self.lat0 + y / north
