"""The map of a plot: the route with its stops, the pings and where they were matched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from cli.match import ticks
from cli.match.shapes import Dot, Line, Point, Shape, Text, frame
from cli.match.told import INK, LINK, ROUTE, STOP, Told
from geo.route import CompiledRoute

MAP = (30.0, 80.0, 1170.0, 860.0)
"""Left, top, right, bottom [pixels]."""
_AWAY = 0.5  # the view reaches no further beyond the route than half its size: outliers may lie anywhere


def town(route: CompiledRoute, told: Sequence[Told]) -> Iterator[Shape]:
    """North is up; the view holds the route, and pings within reason."""
    line = [route.plane.to_xy(float(lon), float(lat)) for lon, lat in zip(route.lon, route.lat, strict=True)]
    west, east = min(x for x, _ in line), max(x for x, _ in line)
    south, north = min(y for _, y in line), max(y for _, y in line)
    far = _AWAY * max(east - west, north - south, 1.0)
    seen = [
        (min(max(x, west - far), east + far), min(max(y, south - far), north + far))
        for x, y in (route.plane.to_xy(one.fix.lon, one.fix.lat) for one in told)
    ]
    pixel, scale = fitted(line + seen)
    yield from frame(MAP)
    yield Line([pixel(point) for point in line], ROUTE, 5)
    for ping, one in zip(seen, told, strict=True):
        if not one.match.outlier:
            yield Line([pixel(ping), pixel(route.xy_at(one.match.along_m))], LINK)
    for ping, one in zip(seen, told, strict=True):
        yield Dot(pixel(ping), 3, one.colour)
    for i, stop in enumerate(route.stops, 1):
        yield from pin(pixel(route.plane.to_xy(stop.lon, stop.lat)), f"{i} {stop.name}", STOP, -10)
    yield from ends(pixel(line[0]), pixel(line[-1]))
    yield from scale_bar(scale)


def fitted(points: Sequence[Point]) -> tuple[Callable[[Point], Point], float]:
    """From metres east and north to pixels, so that all points are on the map; and pixels a metre."""
    left, top, right, bottom = MAP
    xs, ys = [x for x, _ in points], [y for _, y in points]
    wide, high = max(max(xs) - min(xs), 1.0), max(max(ys) - min(ys), 1.0)
    scale = min((right - left - 80) / wide, (bottom - top - 110) / high)
    middle_x, middle_y = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2

    def pixel(point: Point) -> Point:
        return (
            (left + right) / 2 + (point[0] - middle_x) * scale,
            (top + bottom) / 2 - (point[1] - middle_y) * scale,
        )

    return pixel, scale


def ends(start: Point, end: Point) -> Iterator[Shape]:
    together = abs(start[0] - end[0]) + abs(start[1] - end[1]) < 20
    yield from pin(start, "start and end" if together else "start", INK, 10)
    if not together:
        yield from pin(end, "end", INK, 10)


def pin(at: Point, words: str, colour: str, down: float) -> Iterator[Shape]:
    """down: where the words are, so that a stop's are not over an end's [pixels]."""
    yield Dot(at, 6, colour, ring=True)
    yield Text((at[0] + 10, at[1] + down), words, colour=colour)


def scale_bar(scale: float) -> Iterator[Shape]:
    """scale: pixels a metre."""
    x, y = MAP[0] + 16, MAP[3] - 16
    metres = ticks.step(200 / scale, 1) / 2
    end = x + metres * scale
    yield Line([(x, y - 5), (x, y), (end, y), (end, y - 5)], INK, 2)
    yield Text((end + 8, y - 3), ticks.distance(metres, metres))
