"""The world in quarters of quarters: a place as digits of which each names a quarter of the tile before.

Places whose keys begin alike lie in one tile, so that a sorted list of keys answers for a tile of any size.
Distances are on the sphere; they rank places, and are wrong by 0.6 % at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import asin, atan2, cos, pi, radians, sin, sqrt
from typing import NamedTuple

LEVELS = 24
"""Digits of a whole key: the tile is at most 2.4 m wide and 1.2 m high."""
RADIUS_M = 6_371_008.8


class Place(NamedTuple):
    """Degrees."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """x counts from 180° west, y from the south pole, each below 2 to the power of `level`."""

    level: int
    x: int
    y: int

    @classmethod
    def at(cls, place: Place, level: int) -> Tile:
        side = 1 << level
        x = int((place.lon + 180.0) / 360.0 * side) % side
        y = min(max(int((place.lat + 90.0) / 180.0 * side), 0), side - 1)
        return cls(level, x, y)

    @classmethod
    def named(cls, key: str) -> Tile:
        x = y = 0
        for digit in key:
            x, y = x << 1 | int(digit) & 1, y << 1 | int(digit) >> 1
        return cls(len(key), x, y)

    @property
    def key(self) -> str:
        return "".join(str((self.x >> i & 1) | (self.y >> i & 1) << 1) for i in range(self.level - 1, -1, -1))

    def parent(self) -> Tile:
        return Tile(self.level - 1, self.x >> 1, self.y >> 1)

    def quarters(self) -> Iterator[Tile]:
        for quarter in range(4):
            yield Tile(self.level + 1, self.x << 1 | quarter & 1, self.y << 1 | quarter >> 1)

    def around(self) -> frozenset[Tile]:
        """Itself and its up to eight neighbours; east of the antimeridian the count begins anew."""
        side = 1 << self.level
        ys = range(max(self.y - 1, 0), min(self.y + 2, side))
        return frozenset(Tile(self.level, (self.x + i) % side, y) for i in (-1, 0, 1) for y in ys)

    def nearest_m(self, place: Place) -> float:
        """From the place to the nearest of the tile's points."""
        south, west, north, east = self._edges()
        if west <= place.lon <= east:
            return radians(max(south - place.lat, place.lat - north, 0.0)) * RADIUS_M
        return min(_to_meridian(place, lon, south, north) for lon in (west, east))

    def farthest_m(self, place: Place) -> float:
        """From the place to the farthest corner: of a tile of some degrees, the farthest of its points."""
        south, west, north, east = self._edges()
        return max(distance_m(place, Place(lat, lon)) for lat in (south, north) for lon in (west, east))

    def middle(self) -> Place:
        south, west, north, east = self._edges()
        return Place((south + north) / 2, (west + east) / 2)

    def _edges(self) -> tuple[float, float, float, float]:
        """South, west, north and east."""
        high, wide = 180.0 / (1 << self.level), 360.0 / (1 << self.level)
        south, west = self.y * high - 90.0, self.x * wide - 180.0
        return south, west, south + high, west + wide


def key_of(place: Place) -> str:
    """LEVELS digits."""
    return Tile.at(place, LEVELS).key


def distance_m(one: Place, other: Place) -> float:
    across, up = radians(other.lon - one.lon), radians(other.lat - one.lat)
    a = sin(up / 2) ** 2 + cos(radians(one.lat)) * cos(radians(other.lat)) * sin(across / 2) ** 2
    return 2 * RADIUS_M * asin(min(sqrt(a), 1.0))


def _to_meridian(place: Place, lon: float, south: float, north: float) -> float:
    """To a piece of a meridian: at the foot of the perpendicular where the piece has it, else at an end."""
    across = radians(lon - place.lon)
    lat = radians(place.lat)
    foot = atan2(sin(lat), cos(lat) * cos(across)) * 180.0 / pi
    if south <= foot <= north:
        return asin(min(abs(cos(lat) * sin(across)), 1.0)) * RADIUS_M
    return min(distance_m(place, Place(end, lon)) for end in (south, north))
