"""A metric plane around a place, for drawing and simulating things of a city's size; matching needs none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from geo.ellipsoid import metres_per_degree


@dataclass(frozen=True)
class Plane:
    """Local equirectangular plane with the ellipsoid's radii at its origin; x east, y north [m]."""

    lon0: float
    lat0: float

    @cached_property
    def metres_per_degree(self) -> tuple[float, float]:
        """East and north at the origin."""
        return metres_per_degree(self.lat0)

    def to_xy(self, lon: float, lat: float) -> tuple[float, float]:
        east, north = self.metres_per_degree
        return ((lon - self.lon0 + 180) % 360 - 180) * east, (lat - self.lat0) * north

    def to_lonlat(self, x: float, y: float) -> tuple[float, float]:
        east, north = self.metres_per_degree
        return (self.lon0 + x / east + 180) % 360 - 180, self.lat0 + y / north
