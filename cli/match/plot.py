"""`--plot`: route, stops, pings and matches as a map, and progress over time; .html (one SVG) or .png."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from cli.common import Failed
from cli.match.chart import Chart
from cli.match.map import MAP, town
from cli.match.shapes import Dot, Line, Shape, Text, save
from cli.match.told import LINK, OFF, OUTLIER, PING, ROUTE, STOP, UNSURE, Told
from geo.arrival import SURE, stop_at
from geo.match import Matched
from geo.route import CompiledRoute
from geo.state import Fix

SIZE = (1200, 1340)
LEGEND = (
    ("route", ROUTE), ("on the route", PING), (f"unsure where (confidence below {SURE:g})", UNSURE),
    ("off the route", OFF), ("outlier", OUTLIER), ("to its match", LINK), ("at a stop", STOP),
)  # fmt: skip


def draw(file: Path, route: CompiledRoute, fixes: Sequence[Fix], matched: Sequence[Matched]) -> None:
    """Raises Failed when the file cannot be written."""
    told = [Told(fix, m, stop_at(route.stops, m) is not None) for fix, m in zip(fixes, matched, strict=True)]
    off = sum(not m.on_route for m in matched)
    title = (
        f"{len(told)} pings on {route.length_m / 1000:.2f} km: {sum(m.outlier for m in matched)} outliers,"
        f" {off} off the route"
    )
    shapes = [
        Text((MAP[0], 24), title, size=18),
        *_legend(),
        *town(route, told),
        *Chart(route, told).shapes(),
    ]
    try:
        save(file, SIZE, shapes, title)
    except OSError as error:
        raise Failed(f"--plot {file}: {error.strerror or error}") from error


def _legend() -> Iterator[Shape]:
    x, y = MAP[0], 58.0
    for words, colour in LEGEND:
        if colour in (ROUTE, LINK):
            yield Line([(x, y), (x + 20, y)], colour, 5 if colour == ROUTE else 1)
        else:
            yield Dot((x + 10, y), 4, colour)
        yield Text((x + 26, y), words)
        x += 26 + 6.6 * len(words) + 22
