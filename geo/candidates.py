"""Where a ping may be on its route: the local minima of its distance from the line.

This depends on nothing but the ping and the route, so it is done for all pings of a batch at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.arena import Flat
from geo.ellipsoid import Floats, metres_per_degree
from geo.index import CELL_M, EMPTY, NEAR_M, RUN, RUNS, Ints, cell_keys, hashes

APART_M = 15.0  # of two minima nearer than this along the line the closer one stands for both
WIDE_SIGMAS = 4.0  # an inaccurate fix is searched for this many of its standard errors around ...
WIDE_M = 400.0  # ... but no further: beyond, it says nothing about the place


@dataclass(frozen=True)
class Sought:
    """Pings to place: n × route slot, lon, lat [degrees], accuracy [m, nan unknown]."""

    slot: Ints
    lon: Floats
    lat: Floats
    accuracy: Floats


@dataclass(frozen=True)
class Candidates:
    """Per ping first, count into the flat lists along [m], offset [m], and heading east, north (unit vector).

    nearest: n distances from the route [m], however far. One empty candidate, infinitely off, ends the lists.
    """

    first: Ints
    count: Ints
    nearest: Floats
    along: Floats
    offset: Floats
    east: Floats
    north: Floats

    def members(self) -> Ints:
        """Indices into the lists, ping by ping."""
        return expanded(self.first, self.count)[1]


def find(flat: Flat, pings: Sought) -> Candidates:
    """Every minimum within NEAR_M of the ping, or within WIDE_SIGMAS of an inaccurate one."""
    n = len(pings.slot)
    middle = flat.middle[pings.slot]
    lon = np.remainder(pings.lon - middle + 180.0, 360.0) + (middle - 180.0)
    frame = _Frame(lon, pings.lat, *metres_per_degree(pings.lat))
    with np.errstate(invalid="ignore"):
        wide = np.where(pings.accuracy * WIDE_SIGMAS > NEAR_M, pings.accuracy * WIDE_SIGMAS, 0.0).clip(
            0.0, WIDE_M
        )
    ping, leg = _near(flat, pings.slot, frame)
    near = _minima(flat, frame, ping, leg, np.full(n, NEAR_M), np.zeros(n, bool))
    count = np.bincount(near.ping, minlength=n)
    first = np.cumsum(count) - count
    nearest = np.full(n, np.inf)
    np.minimum.at(nearest, near.ping, near.offset)
    lists = near
    far = np.flatnonzero((count == 0) | (wide > 0.0))
    if len(far):
        sub = frame.of(far)
        ping, leg = _far(flat, pings.slot[far], sub, wide[far])
        reach = np.maximum(wide[far], NEAR_M)
        more = _minima(flat, sub, ping, leg, reach, np.ones(len(far), bool))
        dist = np.full(len(far), np.inf)
        np.minimum.at(dist, more.ping, more.offset)
        nearest[far] = dist
        more = more.only(more.offset <= reach[more.ping])
        count[far] = np.bincount(more.ping, minlength=len(far))
        first[far] = len(near.ping) + np.cumsum(count[far]) - count[far]
        lists = near.joined(more)
    end = np.array([np.inf])
    return Candidates(
        first, count, nearest,
        np.concatenate((lists.along, [0.0])), np.concatenate((lists.offset, end)),
        np.concatenate((lists.east, [0.0])), np.concatenate((lists.north, [0.0])),
    )  # fmt: skip


@dataclass(frozen=True)
class _Frame:
    """Each ping's own plane: itself the origin; metres a degree."""

    lon: Floats
    lat: Floats
    east: Floats
    north: Floats

    def of(self, some: Ints) -> _Frame:
        return _Frame(self.lon[some], self.lat[some], self.east[some], self.north[some])


@dataclass(frozen=True)
class _Minima:
    ping: Ints
    along: Floats
    offset: Floats
    east: Floats
    north: Floats

    def only(self, some: Ints) -> _Minima:
        return _Minima(
            self.ping[some], self.along[some], self.offset[some], self.east[some], self.north[some]
        )

    def joined(self, other: _Minima) -> _Minima:
        return _Minima(
            self.ping, *(np.concatenate(p) for p in (
                (self.along, other.along), (self.offset, other.offset),
                (self.east, other.east), (self.north, other.north),
            ))
        )  # fmt: skip


def _near(flat: Flat, slot: Ints, frame: _Frame) -> tuple[Ints, Ints]:
    """Pairs (ping, leg), in order, from each ping's cell of the grid."""
    ix = np.floor(frame.lon * flat.kx[slot] / CELL_M).astype(np.int64)
    iy = np.floor(frame.lat * flat.ky[slot] / CELL_M).astype(np.int64)
    keys, mask, base = cell_keys(ix, iy), flat.mask[slot], flat.table[slot]
    at = hashes(keys, mask)
    found = flat.keys[base + at]
    off = np.flatnonzero((found != keys) & (found != EMPTY))
    while len(off):
        at[off] = (at[off] + 1) & mask[off]
        found[off] = flat.keys[base[off] + at[off]]
        off = off[(found[off] != keys[off]) & (found[off] != EMPTY)]
    at += base
    ping, entry = expanded(flat.first[at], np.where(found == keys, flat.count[at], 0))
    return ping, flat.listed[entry]


def _far(flat: Flat, slot: Ints, frame: _Frame, reach: Floats) -> tuple[Ints, Ints]:
    """Pairs (ping, leg) that hold every leg within `reach`, and the nearest one."""
    ping, circle = expanded(flat.large0[slot], flat.large0[slot + 1] - flat.large0[slot])
    ping, circle = _within(flat.large, frame, ping, circle, reach)
    run = circle - flat.large0[slot[ping]]
    total = flat.small0[slot + 1] - flat.small0[slot]
    again, circle = expanded(flat.small0[slot[ping]] + run * RUNS, np.minimum(RUNS, total[ping] - run * RUNS))
    ping, circle = _within(flat.small, frame, ping[again], circle, reach)
    run = circle - flat.small0[slot[ping]]
    again, leg = expanded(
        flat.leg0[slot[ping]] + run * RUN, np.minimum(RUN, flat.legs[slot[ping]] - run * RUN)
    )
    return ping[again], leg


def _within(circles: Floats, frame: _Frame, ping: Ints, circle: Ints, reach: Floats) -> tuple[Ints, Ints]:
    """The pairs whose circle comes within `reach`, which is raised to where the nearest leg must be."""
    lon, lat, radius = circles[:, circle]
    away = np.hypot((lon - frame.lon[ping]) * frame.east[ping], (lat - frame.lat[ping]) * frame.north[ping])
    sure = np.full(len(reach), np.inf)
    np.minimum.at(sure, ping, away + radius)
    # A twentieth more, because far away the ping's plane and the circle's are not the same.
    keep = away - radius * 1.05 <= np.maximum(reach, sure * 1.05)[ping]
    return ping[keep], circle[keep]


def _minima(flat: Flat, frame: _Frame, ping: Ints, leg: Ints, reach: Floats, nearest: Ints) -> _Minima:
    """The local minima along the line among legs that follow each other.

    A minimum lies inside a leg, or at the vertex where one leg ends nearest and the next begins nearest.
    Where `nearest`, those beyond `reach` are kept too.
    """
    east, north = frame.east[ping], frame.north[ping]
    x, y = (flat.lon[leg] - frame.lon[ping]) * east, (flat.lat[leg] - frame.lat[ping]) * north
    dx, dy = flat.dlon[leg] * east, flat.dlat[leg] * north
    square = dx * dx + dy * dy
    part = -(x * dx + y * dy) / square
    at_start, at_end = part <= 0.0, part >= 1.0
    part = np.minimum(np.maximum(part, 0.0), 1.0)
    x += part * dx
    y += part * dy
    offset = x * x + y * y
    follows = np.zeros(len(leg), bool)
    follows[:-1] = (ping[1:] == ping[:-1]) & (leg[1:] == leg[:-1] + 1) & at_start[1:]
    good = ~(at_start | at_end) | (at_end & (follows | flat.ends[leg])) | (at_start & flat.starts[leg])
    some = np.flatnonzero(good & ((offset <= (reach * reach)[ping]) | nearest[ping]))
    ping, leg = ping[some], leg[some]
    along = flat.along[leg] + part[some] * flat.dalong[leg]
    offset = np.sqrt(offset[some])
    if len(some) > 1:
        close = (ping[1:] == ping[:-1]) & (along[1:] - along[:-1] < APART_M)
        worse = np.zeros(len(some), bool)
        worse[:-1] = close & (offset[1:] < offset[:-1])
        worse[1:] |= close & (offset[:-1] <= offset[1:])
        best = np.flatnonzero(~worse)
        some, ping, along, offset = some[best], ping[best], along[best], offset[best]
    size = np.sqrt(square[some])
    return _Minima(ping, along, offset, dx[some] / size, dy[some] / size)


def expanded(first: Ints, count: Ints) -> tuple[Ints, Ints]:
    """Of n ranges: which range each element is of, and its value first, first+1 …, all in order."""
    owner = np.repeat(np.arange(len(first)), count)
    start = first - (np.cumsum(count) - count)
    return owner, start[owner] + np.arange(len(owner))
