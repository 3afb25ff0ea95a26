"""Who rides, and in what order it is sent: made from the seed alone, one courier after the other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from random import Random

from cli.replay.simulator import Made, Ride, Rider, chance, every
from geo.drawing import compile_route
from geo.route import CompiledRoute
from tests.rides import line

LOOPS = 24
LINES = {
    "chaos-out-and-back": line([(0, 0), (1500, 0), (3000, 40), (1500, 0)] * LOOPS + [(0, 0)]),
    "chaos-laps": line([(0, 0), (900, 0), (900, 700), (0, 700)] * LOOPS + [(0, 0)], angle=20),
    "chaos-plain": line([(i * 800, 300 * math.sin(i)) for i in range(120)], angle=-35),
}
ROUTES: dict[str, CompiledRoute] = {name: compile_route(points) for name, points in LINES.items()}
INTERVALS_S = (2.0, 5.0, 10.0)
WAYS = ("phone", "records", "aggregates")
SIZES = (6, 12, 30, 60)
GAP_S = 600.0
"""Between two trips of a courier, where pings lie outside."""


@dataclass(frozen=True, slots=True)
class Size:
    """couriers; trips of each; pings of each trip."""

    couriers: int
    trips: int
    pings: int

    @classmethod
    def of(cls, pings: int) -> Size:
        """A courier's trips must lie within a day, so many pings need many couriers."""
        trips = 2 if pings < 50_000 else 4
        each = min(max(pings // (12 * trips), 60), 1800)
        return cls(max(math.ceil(1.03 * pings / (trips * each)), 3), trips, each)


@dataclass(frozen=True, slots=True)
class Leg:
    """One trip: `uploads` in the order made; `outside`: pings after its end and before the next start."""

    route: str
    start_s: float
    end_s: float
    last: bool
    uploads: list[list[Made]]
    outside: list[Made]


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    way: str
    ordered: bool
    seed: str
    size: Size

    def legs(self, now: float) -> Iterator[Leg]:
        """The last one ends shortly before `now`."""
        draw = chance(self.seed, "legs")
        legs = [self._leg(i, draw) for i in range(self.size.trips)]
        starts, at = [], now - 60.0
        for _, duration in reversed(legs):
            at -= duration
            starts.append(at)
            at -= GAP_S
        for i, (route, duration) in enumerate(legs):
            start = starts[len(legs) - 1 - i]
            yield self._ride(i, route, start, start + duration, draw)

    def _leg(self, i: int, draw: Random) -> tuple[str, float]:
        return draw.choice(sorted(ROUTES)), self.size.pings * self._interval(i) + 30.0

    def _interval(self, i: int) -> float:
        # All of a courier's trips must fit into a day.
        fits = [s for s in INTERVALS_S if s * self.size.pings * self.size.trips < 70_000] or [INTERVALS_S[0]]
        return chance(self.seed, f"interval {i}").choice(fits)

    def _ride(self, i: int, route: str, start_s: float, end_s: float, draw: Random) -> Leg:
        ride = Ride(ROUTES[route], Rider(), f"{self.seed}/{i}")
        times = every(self._interval(i), 1.0)
        # Those that have no fix are never made.
        pings = [*takewhile(lambda ping: ping.t_ms < end_s * 1000, ride.pings(start_s, times))]
        uploads, at = [], 0
        while at < len(pings):
            size = draw.choice(SIZES)
            uploads.append(pings[at : at + size])
            at += size
        gap = [round((end_s + GAP_S * share) * 1000) for share in (0.2, 0.4, 0.6)]
        last = i == self.size.trips - 1
        outside = [] if last else [pings[-1]._replace(t_ms=t_ms) for t_ms in gap]
        return Leg(route, start_s, end_s, last, uploads, outside)


def cast(size: Size, seed: int) -> list[Role]:
    """Every way of sending, in order and out of order."""
    roles = []
    for i in range(size.couriers):
        way = WAYS[i % len(WAYS)]
        # An aggregate carries many couriers under one key, which keeps no order.
        ordered = way != "aggregates" and (i // len(WAYS)) % 2 == 0
        roles.append(Role(f"chaos-{i + 1:03}", way, ordered, f"{seed}/{i}", size))
    return roles
