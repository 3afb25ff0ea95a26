"""A route compiled for matching: a polyline on a metric plane with its cumulative length."""

from __future__ import annotations

import math
import struct
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from geo.plane import Plane

MAX_VERTICES = 100_000
MAX_LEG_M = 50_000.0  # a longer leg is a mistake in the drawing, not a road
_HEADER = struct.Struct("<BddI")  # format version, lon0, lat0, vertices
_FORMAT = 1


class RouteRefused(ValueError):
    """The line cannot be a route; the message says which vertex and why."""


@dataclass(frozen=True)
class CompiledRoute:
    """Immutable. xs, ys: n vertices [m, plane]; cumulative: n lengths from the start [m]."""

    plane: Plane
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cumulative: tuple[float, ...] = field(repr=False)

    @cached_property
    def length_m(self) -> float:
        return self.cumulative[-1]

    def leg_at(self, along_m: float) -> int:
        """Index of the leg (vertex i to i+1) that holds `along_m`, clamped to the route."""
        return min(max(bisect_right(self.cumulative, along_m) - 1, 0), len(self.xs) - 2)

    def xy_at(self, along_m: float) -> tuple[float, float]:
        i = self.leg_at(along_m)
        start, end = self.cumulative[i], self.cumulative[i + 1]
        part = min(max((along_m - start) / (end - start), 0.0), 1.0)
        return (
            self.xs[i] + part * (self.xs[i + 1] - self.xs[i]),
            self.ys[i] + part * (self.ys[i + 1] - self.ys[i]),
        )

    def point_at(self, along_m: float) -> tuple[float, float]:
        """(lon, lat) of the point `along_m` metres from the start, clamped to the route."""
        return self.plane.to_lonlat(*self.xy_at(along_m))

    def heading_at(self, along_m: float) -> float:
        """Degrees clockwise from north of the leg at `along_m`."""
        i = self.leg_at(along_m)
        east, north = self.xs[i + 1] - self.xs[i], self.ys[i + 1] - self.ys[i]
        return math.degrees(math.atan2(east, north)) % 360

    def to_bytes(self) -> bytes:
        """Versioned; vertices to the millimetre."""
        n = len(self.xs)
        mm = [round(v * 1000) for xy in zip(self.xs, self.ys, strict=True) for v in xy]
        return _HEADER.pack(_FORMAT, self.plane.lon0, self.plane.lat0, n) + struct.pack(f"<{2 * n}i", *mm)

    @classmethod
    def from_bytes(cls, data: bytes) -> CompiledRoute:
        """Raises ValueError on another format."""
        version, lon0, lat0, n = _HEADER.unpack_from(data)
        if version != _FORMAT:
            raise ValueError(f"compiled route has format {version}, this code reads {_FORMAT}")
        mm = struct.unpack_from(f"<{2 * n}i", data, _HEADER.size)
        return _measured(Plane(lon0, lat0), [v / 1000 for v in mm[::2]], [v / 1000 for v in mm[1::2]])


def compile_route(lonlat: Sequence[tuple[float, float]]) -> CompiledRoute:
    """Compile a drawn line of WGS-84 (lon, lat) degrees.

    Raises RouteRefused: out of range, fewer than two distinct points, too many, or a leg beyond MAX_LEG_M.
    """
    if len(lonlat) > MAX_VERTICES:
        raise RouteRefused(f"the line has {len(lonlat)} points; the limit is {MAX_VERTICES}")
    for i, (lon, lat) in enumerate(lonlat):
        if not (-180 <= lon <= 180 and -90 < lat < 90):
            raise RouteRefused(
                f"point {i} (lon {lon}, lat {lat}) is not on the map; GeoJSON order is lon, lat"
            )
    distinct = [p for i, p in enumerate(lonlat) if i == 0 or tuple(p) != tuple(lonlat[i - 1])]
    if len(distinct) < 2:
        raise RouteRefused("the line needs at least two distinct points")
    lats = [lat for _, lat in distinct]
    plane = Plane(distinct[0][0], (min(lats) + max(lats)) / 2)
    # Through bytes and back, so that a fresh route and a stored one are the same to the millimetre.
    xy = [tuple(round(v, 3) for v in plane.to_xy(lon, lat)) for lon, lat in distinct]
    apart = [p for i, p in enumerate(xy) if i == 0 or p != xy[i - 1]]
    if len(apart) < 2:
        raise RouteRefused("the line needs at least two distinct points")
    for i, (a, b) in enumerate(pairwise(apart)):
        if math.dist(a, b) > MAX_LEG_M:
            raise RouteRefused(
                f"points {i} and {i + 1} are {math.dist(a, b) / 1000:.0f} km apart; the limit is 50 km"
            )
    return _measured(plane, [x for x, _ in apart], [y for _, y in apart])


def _measured(plane: Plane, xs: list[float], ys: list[float]) -> CompiledRoute:
    cumulative = [0.0]
    for (x0, x1), (y0, y1) in zip(pairwise(xs), pairwise(ys), strict=True):
        cumulative.append(cumulative[-1] + math.hypot(x1 - x0, y1 - y0))
    return CompiledRoute(plane, tuple(xs), tuple(ys), tuple(cumulative))
