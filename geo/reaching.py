"""When a ride was at the route's end, and from when on it can have been there as far as its fixes tell.

Pure, and finite for finite fixes. A phone may be off at the end, so that what no fix shows is not impossible.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from geo.arrival import FINISH_M, SURE, Stop, arrival_m
from geo.legs import metres_per_degree
from geo.match import Matched
from geo.route import CompiledRoute
from geo.state import Fix

BRISK_MPS = 15.0  # a car in town; who was faster somewhere on the ride may have been so again


class Reached(NamedTuple):
    """at: time of the first fix that surely shows the courier at the end [s, Unix]; None where none does.
    not_before: when the courier can have been there at the earliest [s, Unix]: `at` where that is known.
    left_m: how far it was still, at the fix that not_before is told by; 0 where `at` is known.
    """

    at: float | None
    not_before: float
    left_m: float


def reached(
    route: CompiledRoute,
    used: Sequence[tuple[Fix, Matched]],
    stops: Sequence[Stop],
    top_mps: float | None,
) -> Reached | None:
    """used: what was ridden, in order of time, without outliers; None without any. top_mps: of the ride.

    Method: the end is a place and no moment, so a courier may have been there between any two fixes that
    leave the time to ride there and back, the furthest sure one on; and behind the last.
    """
    end_m, fastest = arrival_m(route.length_m, stops), max(top_mps or 0.0, BRISK_MPS)
    sure = [m.along_m if m.on_route and m.confidence >= SURE else None for _, m in used]
    for (fix, _), along in zip(used, sure, strict=True):
        if along is not None and along >= end_m:
            return Reached(fix.t, fix.t, 0.0)
    furthest = max((along for along in sure if along is not None), default=None)
    first = 0 if furthest is None else len(sure) - 1 - sure[::-1].index(furthest)
    there = route.point_at(end_m)
    points = [
        (fix.t, left, max(left - FINISH_M, 0.0) / fastest)
        for (fix, _), along in zip(used[first:], sure[first:], strict=True)
        for left in [_apart_m(fix, there) if along is None else end_m - along]
    ]
    for (t, left, to), (then, _, back) in pairwise(points):
        if to + back <= then - t:
            return Reached(None, t + to, left)
    return Reached(None, points[-1][0] + points[-1][2], points[-1][1]) if points else None


def _apart_m(fix: Fix, place: tuple[float, float]) -> float:
    """As the crow flies; place: lon, lat."""
    east, north = metres_per_degree(place[1])
    lon = (fix.lon - place[0] + 180.0) % 360.0 - 180.0
    return math.hypot(lon * float(east), (fix.lat - place[1]) * float(north))
