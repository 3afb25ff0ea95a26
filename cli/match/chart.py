"""The chart of a plot: metres along the route, upwards, over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from cli.match import ticks
from cli.match.shapes import Box, Dot, Line, Shape, Text, frame
from cli.match.told import GRID, LINK, SHADE, STOP, Told
from geo.route import CompiledRoute

LEFT, TOP, RIGHT, BOTTOM = CHART = (90.0, 900.0, 1170.0, 1280.0)
"""[pixels]"""


class Chart:
    def __init__(self, route: CompiledRoute, told: Sequence[Told]) -> None:
        self._route = route
        self._told = sorted(told, key=lambda one: one.fix.t)
        self._first = self._told[0].fix.t if told else 0.0
        self._span = max(self._told[-1].fix.t - self._first, 1.0) if told else 1.0

    def shapes(self) -> Iterator[Shape]:
        yield from self._astray()
        yield from self._distances()
        if self._told:
            yield from self._times()
        yield from self._stops()
        yield from frame(CHART)
        if len(self._told) > 1:
            yield Line([self._at(one) for one in self._told], LINK)
        for one in self._told:
            yield Dot(self._at(one), 2.5, one.colour)

    def _x(self, t: float) -> float:
        return LEFT + (t - self._first) / self._span * (RIGHT - LEFT)

    def _y(self, along_m: float) -> float:
        return BOTTOM - along_m / self._route.length_m * (BOTTOM - TOP)

    def _at(self, one: Told) -> tuple[float, float]:
        return self._x(one.fix.t), self._y(one.match.along_m)

    def _astray(self) -> Iterator[Shape]:
        """The spans off the route, shaded."""
        for off, group in groupby(self._told, key=lambda one: not one.match.on_route):
            times = [self._x(one.fix.t) for one in group]
            if off:
                yield Box((times[0] - 2, TOP), (times[-1] + 2, BOTTOM), SHADE)

    def _distances(self) -> Iterator[Shape]:
        length_m = self._route.length_m
        each = ticks.step(length_m, 6)
        for along in ticks.multiples(0.0, length_m, each):
            yield Line([(LEFT, self._y(along)), (RIGHT, self._y(along))], GRID)
            yield Text((LEFT - 8, self._y(along)), ticks.distance(along, each), "end")
        yield Text((LEFT, TOP - 12), "along the route")

    def _times(self) -> Iterator[Shape]:
        each = ticks.step_s(self._span, 10)
        for t in ticks.multiples(self._first, self._first + self._span, each):
            yield Line([(self._x(t), TOP), (self._x(t), BOTTOM)], GRID)
            yield Text((self._x(t), BOTTOM + 14), ticks.clock(t, each), "middle")
        day = ticks.clock(self._first, ticks.DAY)
        yield Text(((LEFT + RIGHT) / 2, BOTTOM + 36), f"time (UTC), {day}", "middle")

    def _stops(self) -> Iterator[Shape]:
        for i, stop in enumerate(self._route.stops, 1):
            y = self._y(stop.along_m)
            yield Line([(LEFT, y), (RIGHT, y)], STOP)
            yield Text((RIGHT - 6, y - 9), f"{i} {stop.name}", "end", colour=STOP)
