"""Where a route's legs lie: a hashed grid for what is near, bounding circles for what is far.

The grid's cells list every leg that passes within NEAR_M of any of their points, so one look-up answers
a ping, whatever the length of the route. The circles hold runs of consecutive legs, on two levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.ellipsoid import Floats, metres_per_degree

Ints = NDArray[np.int64]

NEAR_M = 50.0  # four times the error of an ordinary fix in a street
SAMPLE_M = 20.0  # legs are entered into the grid at points no further apart
CELL_M = 2 * (NEAR_M + SAMPLE_M / 2)  # so that the square around a point touches four cells at most
RUN, RUNS = 32, 32  # legs in a small circle, small circles in a large one
EMPTY = np.int64(-1)
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: Fibonacci hashing


def cell_keys(ix: Ints, iy: Ints) -> Ints:
    """One non-negative number a cell; exact up to 2^31 cells east and north."""
    return (ix & 0x7FFFFFFF) << 32 | (iy & 0xFFFFFFFF)


def hashes(keys: Ints, mask: Ints | int) -> Ints:
    mixed = keys.view(np.uint64) * _MIX
    return (mixed >> np.uint64(33)).view(np.int64) & mask


@dataclass(frozen=True)
class RouteIndex:
    """legs: m × (lon, lat, Δlon, Δlat, along, Δalong) [degrees, m].

    kx, ky: metres a degree of the grid; keys, first, count: its table (open addressing, linear), a cell's
    part of `listed`; listed: legs, rising within a cell.
    circles: per level (lon, lat, radius [m]) of consecutive runs.
    """

    legs: Floats
    kx: float
    ky: float
    keys: Ints
    first: Ints
    count: Ints
    listed: Ints
    small: Floats
    large: Floats

    @classmethod
    def of(cls, lon: Floats, lat: Floats, cumulative: Floats) -> RouteIndex:
        legs = np.stack(
            [lon[:-1], lat[:-1], np.diff(lon), np.diff(lat), cumulative[:-1], np.diff(cumulative)]
        )
        # The grid's degrees are shortest in metres where the route comes nearest to a pole.
        kx, _ = (float(k) for k in metres_per_degree(np.abs(lat).max()))
        _, ky = (float(k) for k in metres_per_degree(np.abs(lat).min()))
        cells, leg = _entries(legs, kx, ky)
        order = np.lexsort((leg, cells))
        cells, leg = cells[order], leg[order]
        new = np.concatenate(([True], (np.diff(cells) != 0) | (np.diff(leg) != 0)))
        cells, listed = cells[new], leg[new]
        distinct, first, count = np.unique(cells, return_index=True, return_counts=True)
        table = _table(distinct)
        used = table >= 0
        keys = np.full(len(table), EMPTY)
        keys[used] = distinct[table[used]]
        small = _circles(lon, lat, RUN)
        large = _circles(lon, lat, RUN * RUNS)
        return cls(
            legs, kx, ky, keys, np.where(used, first[table], 0), np.where(used, count[table], 0), listed,
            small, large,
        )  # fmt: skip


def _entries(legs: Floats, kx: float, ky: float) -> tuple[Ints, Ints]:
    """(cell key, leg) of every leg's sample points, with repetitions."""
    east, north = metres_per_degree(legs[1] + legs[3] / 2)
    parts = np.ceil(np.hypot(legs[2] * east, legs[3] * north) / SAMPLE_M).astype(np.int64).clip(1) + 1
    leg = np.repeat(np.arange(len(parts)), parts)
    step = np.arange(len(leg)) - np.repeat(np.cumsum(parts) - parts, parts)
    share = step / (parts[leg] - 1)
    x = (legs[0, leg] + share * legs[2, leg]) * kx
    y = (legs[1, leg] + share * legs[3, leg]) * ky
    reach = CELL_M / 2
    corners = [
        cell_keys(*(np.floor(v / CELL_M).astype(np.int64) for v in (x + sx * reach, y + sy * reach)))
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    return np.concatenate(corners), np.tile(leg, 4)


def _table(keys: Ints) -> Ints:
    """Open addressing at half load or less: which key stands in each slot, -1 for none."""
    size = 1 << max(int(2 * len(keys) - 1).bit_length(), 2)
    table = np.full(size, EMPTY)
    waiting = np.arange(len(keys))
    slot = hashes(keys, size - 1)
    while len(waiting):
        free = table[slot] < 0
        table[slot[free]] = waiting[free]  # the last of several wins its slot
        lost = table[slot] != waiting
        waiting, slot = waiting[lost], (slot[lost] + 1) & (size - 1)
    return table


def _circles(lon: Floats, lat: Floats, run: int) -> Floats:
    """3 × runs: the middle of each run's bounding box, and how far its vertices lie from there."""
    starts = np.arange(0, len(lon) - 1, run)
    ends = np.minimum(starts + run, len(lon) - 1)
    out = np.empty((3, len(starts)))
    for i, (a, b) in enumerate(zip(starts, ends, strict=True)):
        x, y = lon[a : b + 1], lat[a : b + 1]
        middle = (x.min() + x.max()) / 2, (y.min() + y.max()) / 2
        east, north = metres_per_degree(np.abs(y).min())
        out[:, i] = *middle, np.hypot((x - middle[0]) * east, (y - middle[1]) * north).max()
    return out
