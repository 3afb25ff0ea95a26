"""Many routes side by side in flat arrays, so that one call can search for pings of all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.ellipsoid import Floats
from geo.index import RUN, RUNS, Ints

if TYPE_CHECKING:
    from geo.route import CompiledRoute


@dataclass
class Arena:
    """Routes by slot. Adding is cheap; the flat arrays are made anew when next asked for."""

    routes: list[CompiledRoute] = field(default_factory=list)
    _slots: dict[int, int] = field(default_factory=dict)
    _flat: Flat | None = None

    def slot(self, route: CompiledRoute) -> int:
        """The route's slot, given on first sight; the arena keeps the route alive."""
        found = self._slots.get(id(route))
        if found is None:
            found = self._slots[id(route)] = len(self.routes)
            self.routes.append(route)
            self._flat = None
        return found

    @property
    def flat(self) -> Flat:
        if self._flat is None:
            self._flat = Flat.of(self.routes)
        return self._flat


@dataclass(frozen=True)
class Flat:
    """The routes' indices end to end. legs: as in RouteIndex, columns apart; per route r: length [m],
    middle [degrees], kx, ky [m a degree], table and its mask, first leg, first circles.
    """

    lon: Floats
    lat: Floats
    dlon: Floats
    dlat: Floats
    along: Floats
    dalong: Floats
    starts: Any
    ends: Any
    length: Floats
    middle: Floats
    kx: Floats
    ky: Floats
    table: Ints
    mask: Ints
    keys: Ints
    first: Ints
    count: Ints
    listed: Ints
    leg0: Ints
    legs: Ints
    small: Floats
    small0: Ints
    large: Floats
    large0: Ints

    @classmethod
    def of(cls, routes: list[CompiledRoute]) -> Flat:
        parts = [route.index for route in routes]
        legs = np.concatenate([p.legs for p in parts], axis=1)
        counts = np.array([p.legs.shape[1] for p in parts])
        leg0, table = _before(counts), _before(np.array([len(p.keys) for p in parts]))
        lists = _before(np.array([len(p.listed) for p in parts]))
        starts, ends = np.zeros(legs.shape[1], bool), np.zeros(legs.shape[1], bool)
        starts[leg0[:-1]] = True
        ends[leg0[1:] - 1] = True
        return cls(
            lon=legs[0],
            lat=legs[1],
            dlon=legs[2],
            dlat=legs[3],
            along=legs[4],
            dalong=legs[5],
            starts=starts,
            ends=ends,
            length=np.array([route.length_m for route in routes]),
            middle=np.array([(r.lon.min() + r.lon.max()) / 2 for r in routes]),
            kx=np.array([p.kx for p in parts]),
            ky=np.array([p.ky for p in parts]),
            table=table[:-1],
            mask=np.array([len(p.keys) - 1 for p in parts]),
            keys=np.concatenate([p.keys for p in parts]),
            first=np.concatenate([p.first + at for p, at in zip(parts, lists, strict=False)]),
            count=np.concatenate([p.count for p in parts]),
            listed=np.concatenate([p.listed + at for p, at in zip(parts, leg0, strict=False)]),
            leg0=leg0[:-1],
            legs=counts,
            small=np.concatenate([p.small for p in parts], axis=1),
            small0=_before(-(-counts // RUN)),
            large=np.concatenate([p.large for p in parts], axis=1),
            large0=_before(-(-counts // (RUN * RUNS))),
        )


def _before(counts: Ints) -> Ints:
    """n+1 running totals from 0."""
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
