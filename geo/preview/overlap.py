"""Where a route runs beside another part of itself: out and back, laps, loops.

There a position alone does not say how far a courier is; the matcher then needs the time as well
(docs/decisions/0012-matcher.md).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from geo.preview.finding import Finding
from geo.preview.limits import Limits
from geo.route import CompiledRoute

Stretch = tuple[float, float]


def overlaps(route: CompiledRoute, limits: Limits) -> list[Stretch]:
    """Stretches, from and to [m along], that are within near_m of a part of the route that is more than
    apart_m away along it.
    """
    count = min(route.length_m / limits.sample_m + 2, limits.samples, limits.looks / _crowd(route, limits))
    along = np.linspace(0.0, route.length_m, max(int(count), 2))
    step = float(along[1])
    beside = np.fromiter((_beside(route, at, limits) for at in along.tolist()), bool, len(along))
    found: list[Stretch] = []
    for first, last in _runs(beside):
        begin, end = max(along[first] - step / 2, 0.0), min(along[last] + step / 2, route.length_m)
        # Around a turning point, where the way back is too near along the line to be another part.
        if found and begin - found[-1][1] <= limits.apart_m + step:
            begin = found.pop()[0]
        found.append((float(begin), float(end)))
    return [(a, b) for a, b in found if b - a >= limits.stretch_m]


def overlap(route: CompiledRoute, stretches: list[Stretch], limits: Limits) -> Finding | None:
    """All of them in one finding, at the beginning of the longest."""
    if not stretches:
        return None
    total = sum(b - a for a, b in stretches)
    begin, end = max(stretches, key=lambda it: it[1] - it[0])
    share = min(total / route.length_m, 1.0)
    lon, lat = route.point_at(begin)
    many = "1 stretch" if len(stretches) == 1 else f"{len(stretches)} stretches"
    return Finding(
        "overlap",
        f"{share:.0%} of the route ({total:.0f} m in {many}; the longest from {begin:.0f} to {end:.0f} m) is"
        f" within {limits.near_m:g} m of another part; progress is less sure there, so see that it is meant",
        along_m=begin, lon=lon, lat=lat, amount=share, unit="share",
    )  # fmt: skip


def _crowd(route: CompiledRoute, limits: Limits) -> float:
    """Legs in one square, on the mean."""
    east, north = route.plane.metres_per_degree
    x, y = (
        np.floor(np.multiply(route.lon, east / limits.crowd_m)),
        np.floor(np.multiply(route.lat, north / limits.crowd_m)),
    )
    return len(x) / len(np.unique(x + 1j * y))


def _beside(route: CompiledRoute, at: float, limits: Limits) -> bool:
    passes = route.searchable.passes(*route.point_at(at), limits.near_m)
    return any(abs(along - at) > limits.apart_m for along, _ in passes)


def _runs(flags: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """First and last index of each run of true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    yield from zip(edges[::2].tolist(), (edges[1::2] - 1).tolist(), strict=True)
