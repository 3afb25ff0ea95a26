"""A route compiled for matching: a simplified line with the measure of the line as it was drawn.

No numpy: whoever moves couriers on loads routes, and numpy was a fifth of such a worker's start.
geo/drawing.py makes them.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from geo import kernel
from geo.arrival import Stop
from geo.ellipsoid import metres_per_degree
from geo.plane import Plane
from geo.route_bytes import Parts, pack, unpack


@dataclass(frozen=True, eq=False)
class CompiledRoute:
    """Immutable. lon, lat: n vertices [degrees, WGS-84; lon without jumps, so it may leave -180..180];
    cumulative: length along the line as drawn up to each vertex [m], strictly rising from 0; stops: in the
    order in which they are visited.
    """

    lon: array[float] = field(repr=False)
    lat: array[float] = field(repr=False)
    cumulative: array[float] = field(repr=False)
    stops: tuple[Stop, ...] = ()

    @cached_property
    def length_m(self) -> float:
        return self.cumulative[-1]

    @cached_property
    def searchable(self) -> kernel.Route:
        """What the matcher searches; built on first use and kept."""
        return kernel.Route(self.lon, self.lat, self.cumulative)

    @cached_property
    def plane(self) -> Plane:
        """Around the first vertex and the middle latitude."""
        return Plane(self.lon[0], (min(self.lat) + max(self.lat)) / 2)

    def leg_at(self, along_m: float) -> int:
        """Index of the leg (vertex i to i+1) that holds `along_m`, clamped to the route."""
        i = bisect_right(self.cumulative, along_m) - 1
        return min(max(i, 0), len(self.lon) - 2)

    def point_at(self, along_m: float) -> tuple[float, float]:
        """(lon, lat) of the point `along_m` metres from the start, clamped to the route."""
        i = self.leg_at(along_m)
        begin, end = self.cumulative[i], self.cumulative[i + 1]
        share = min(max((along_m - begin) / (end - begin), 0.0), 1.0)
        lon, lat = (c[i] + share * (c[i + 1] - c[i]) for c in (self.lon, self.lat))
        return (lon + 180.0) % 360.0 - 180.0, lat

    def xy_at(self, along_m: float) -> tuple[float, float]:
        """The same point in `plane` [m]."""
        return self.plane.to_xy(*self.point_at(along_m))

    def heading_at(self, along_m: float) -> float:
        """Degrees clockwise from north of the leg at `along_m`."""
        i = self.leg_at(along_m)
        east, north = metres_per_degree((self.lat[i] + self.lat[i + 1]) / 2)
        dx, dy = (self.lon[i + 1] - self.lon[i]) * east, (self.lat[i + 1] - self.lat[i]) * north
        return math.degrees(math.atan2(dx, dy)) % 360.0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompiledRoute) and self.to_bytes() == other.to_bytes()

    __hash__ = object.__hash__

    def to_bytes(self) -> bytes:
        """Versioned and compact; geo/route_bytes.py has the format."""
        return pack(Parts(self.lon, self.lat, self.cumulative, self.stops))

    @classmethod
    def from_bytes(cls, data: bytes) -> CompiledRoute:
        """Raises ValueError on another format or damaged bytes."""
        return cls(*unpack(data))
