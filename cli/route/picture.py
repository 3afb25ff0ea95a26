"""`--out`: a preview as a map with its findings below, numbered alike; .html (one SVG) or .png."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

from cli.common import Failed
from cli.match.map import MAP, ends, fitted, pin, scale_bar
from cli.match.shapes import Dot, Line, Point, Shape, Text, frame, save
from cli.match.told import INK, OFF, OUTLIER, ROUTE, STOP
from cli.route.told import headline, line, span
from geo.drawn.drawing import Drawing
from geo.preview.preview import Preview
from geo.route import CompiledRoute

WIDTH, LINE, LETTERS, LISTED = 1200, 22, 165, 30
_PIECE_M = 20.0
LEGEND = (("route", ROUTE), ("beside another part of it", OFF), ("stop", STOP), ("see below", OUTLIER))


def draw(file: Path, drawing: Drawing, look: Preview) -> None:
    """Raises Failed when the file cannot be written, or there is nothing to draw."""
    if look.route is None:
        raise Failed(f"--out {file}: there is no route to draw. {look.findings[0].detail}")
    title = headline(drawing, look)
    told = (line(i, it) for i, it in enumerate(look.findings[:LISTED], 1))
    words = [part for text in told for part in wrap(text, LETTERS)]
    if len(look.findings) > LISTED:
        words.append(f"and {len(look.findings) - LISTED} more")
    low = MAP[3] + 30
    shapes = [
        Text((MAP[0], 24), title, size=18),
        *_legend(),
        *_map(look.route, drawing, look),
        *(Text((MAP[0], low + LINE * i), text) for i, text in enumerate(words)),
    ]
    try:
        save(file, (WIDTH, int(low + LINE * (len(words) + 1))), shapes, title)
    except OSError as error:
        raise Failed(f"--out {file}: {error.strerror or error}") from error


def _map(route: CompiledRoute, drawing: Drawing, look: Preview) -> Iterator[Shape]:
    plane = route.plane
    drawn = [plane.to_xy(float(lon), float(lat)) for lon, lat in zip(route.lon, route.lat, strict=True)]
    places = [plane.to_xy(stop.lon, stop.lat) for stop in drawing.stops]
    pixel, scale = fitted(drawn + places)
    yield from frame(MAP)
    yield Line([pixel(point) for point in drawn], ROUTE, 5)
    for begin, end in look.overlaps:
        yield Line([pixel(point) for point in _between(route, begin, end)], OFF, 3)
    for i, (place, at) in enumerate(zip(drawing.stops, places, strict=True)):
        found = look.stops.get(i)
        yield from pin(pixel(at), f"{i} {place.name}" + (f"  +{span(found[1])}" if found else ""), STOP, -10)
    yield from ends(pixel(drawn[0]), pixel(drawn[-1]))
    for number, finding in enumerate(look.findings[:LISTED], 1):
        if finding.lon is not None and finding.lat is not None:
            x, y = pixel(plane.to_xy(finding.lon, finding.lat))
            yield Dot((x, y), 5, OUTLIER)
            yield Text((x - 10, y + 12), str(number), "end", colour=OUTLIER)
    yield from scale_bar(scale)


def _between(route: CompiledRoute, begin: float, end: float) -> list[Point]:
    steps = max(int((end - begin) / _PIECE_M), 1)
    return [route.xy_at(begin + (end - begin) * i / steps) for i in range(steps + 1)]


def _legend() -> Iterator[Shape]:
    x, y = MAP[0], 58.0
    for words, colour in LEGEND:
        if colour in (ROUTE, OFF):
            yield Line([(x, y), (x + 20, y)], colour, 5 if colour == ROUTE else 3)
        else:
            yield Dot((x + 10, y), 5, colour, ring=colour == STOP)
        yield Text((x + 26, y), words, colour=INK)
        x += 26 + 6.6 * len(words) + 22
