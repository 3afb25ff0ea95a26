"""Stops put on the map, placed along the line in the order in which they are visited."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from geo.arrival import Stop
from geo.hours import Hours
from geo.refused import StopRefused
from geo.route import CompiledRoute
from geo.said import say

MAX_STOPS = 200  # several times a day's round; what lists a fleet's routes reads them all
RADIUS_M = 50.0  # where none is said: an ordinary fix's error, and a forecourt
RADII_M = (10.0, 500.0)  # less, and a fix's error alone misses it; more, and it is no place
TOGETHER_M = 5.0  # stops so near along the line, as across a street, may be listed in either order
ALIKE_M = 10.0  # passes that are as near as this to the nearest are equal: drawings and pins are no better


class Place(NamedTuple):
    """A stop as it is put on the map: lon, lat [degrees] in the line's datum; radius [m]; hours: when it is
    open, None: always.
    """

    name: str
    lon: float
    lat: float
    radius_m: float = RADIUS_M
    hours: Hours | None = None


class _Passes(NamedTuple):
    """Where the line comes by a place, in order: metres along, and metres further off than the best."""

    along: list[float]
    worse: list[float]

    def behind(self, along: float) -> int:
        """Index of the first pass at or behind `along`."""
        return bisect_left(self.along, along)


def check(places: Sequence[Place]) -> None:
    """Raises StopRefused for what no line could hold."""
    if len(places) > MAX_STOPS:
        reason = say(
            "stops-many",
            "the route has {stops} stops; the limit is {most}",
            stops=len(places),
            most=MAX_STOPS,
        )
        raise StopRefused(MAX_STOPS, reason)
    for i, place in enumerate(places):
        if not RADII_M[0] <= place.radius_m <= RADII_M[1]:
            low, high = RADII_M
            raise StopRefused(
                i,
                say(
                    "stop-radius",
                    "stop {stop} ({name}) has a radius of {radius_m:g} m; it may be {low_m:g} to "
                    "{high_m:g} m",
                    stop=i,
                    name=place.name,
                    radius_m=place.radius_m,
                    low_m=low,
                    high_m=high,
                ),
            )


def placed(
    places: Sequence[Place], route: CompiledRoute, numbers: Sequence[int] | None = None
) -> tuple[Stop, ...]:
    """The stops along a route; places: WGS-84; numbers: by which a refusal calls them, without it from 0.

    Of all the ways to visit the places in their order, the one that keeps nearest to them; where passes are
    alike (laps), the earliest. A place that comes twice in a row is left in between. Raises StopRefused when
    a place is further from the line than its radius, or when the line does not pass the places in order.
    """
    if not places:
        return ()
    numbers = range(len(places)) if numbers is None else numbers
    passes = [_passes(i, place, route) for i, place in zip(numbers, places, strict=True)]
    gaps = [b.radius_m if (a.lon, a.lat) == (b.lon, b.lat) else -TOGETHER_M for a, b in pairwise(places)]
    # What the rest costs at least after each pass, from the last stop backwards; inf: there is no way on.
    rest = [found.worse for found in passes]
    for i in reversed(range(len(gaps))):
        beyond = [*accumulate(reversed(rest[i + 1]), min, initial=math.inf)][::-1]
        next_ = [passes[i + 1].behind(along + gaps[i]) for along in passes[i].along]
        rest[i] = [worse + beyond[at] for worse, at in zip(passes[i].worse, next_, strict=True)]
    stops: list[Stop] = []
    least, furthest = 0.0, 0.0
    for place, found, left, gap in zip(places, passes, rest, [*gaps, 0.0], strict=True):
        at = min(range(found.behind(least), len(left)), key=left.__getitem__, default=None)
        if at is None or left[at] == math.inf:
            raise _disorder(numbers, places, passes, gaps)
        least, furthest = found.along[at] + gap, max(found.along[at], furthest)
        where = round(place.lon, 7), round(place.lat, 7), round(place.radius_m, 1), round(furthest, 3)
        stops.append(Stop(place.name, *where))
    return tuple(stops)


def _passes(i: int, place: Place, route: CompiledRoute) -> _Passes:
    """The local minima of the distance from the line within the place's radius."""
    found = route.searchable.passes(place.lon, place.lat, place.radius_m)
    if not found:
        off = min(offset for _, offset in route.searchable.passes(place.lon, place.lat, math.inf))
        raise StopRefused(
            i,
            say(
                "stop-off-line",
                "stop {stop} ({name}) is {off_m:.0f} m from the line, beyond its radius of "
                "{radius_m:g} m; move "
                "it, or draw the line past it",
                stop=i,
                name=place.name,
                off_m=off,
                radius_m=place.radius_m,
            ),
            off,
        )
    best = min(offset for _, offset in found) + ALIKE_M
    return _Passes([along for along, _ in found], [max(offset - best, 0.0) for _, offset in found])


def _disorder(
    numbers: Sequence[int], places: Sequence[Place], passes: Sequence[_Passes], gaps: Sequence[float]
) -> StopRefused:
    """Says which stop the line does not pass behind the one before it, though all before are as early as
    they can be.
    """
    along = passes[0].along[0]
    for i, gap in enumerate(gaps, 1):
        later = passes[i].along[passes[i].behind(along + gap) :]
        if not later:
            return StopRefused(
                numbers[i],
                say(
                    "stops-in-disorder",
                    "stop {stop} ({name}) is passed at {last_m:.0f} m along the line at the latest, and stop "
                    "{before} ({name_before}) not before {first_m:.0f} m; stops are in the order in "
                    "which they "
                    "are visited",
                    stop=numbers[i],
                    name=places[i].name,
                    last_m=passes[i].along[-1],
                    before=numbers[i - 1],
                    name_before=places[i - 1].name,
                    first_m=along,
                ),
            )
        along = later[0]
    raise AssertionError  # asked only where there is no order
