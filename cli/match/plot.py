"""`--plot`: route, pings and matches as a map, and progress over time; .html (one SVG) or .png."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from PIL import Image, ImageDraw

from cli.common import Failed
from geo.match import Matched
from geo.plane import Plane
from geo.route import CompiledRoute
from geo.state import Fix

Point = tuple[float, float]
WIDTH, HEIGHT, MARGIN, MAP = 1200, 1300, 50, 800
"""Pixels; the map's height, with the progress below it."""
ROUTE, PING, MATCH, OUTLIER = "#9aa4b2", "#2563eb", "#047857", "#dc2626"
_AWAY = 0.5  # the view reaches no further beyond the route than half its size: outliers may lie anywhere


@dataclass(frozen=True)
class Shape:
    """A line through points, or a dot where there is one point; pixels."""

    points: list[Point]
    colour: str
    width: float


def draw(file: Path, route: CompiledRoute, fixes: Sequence[Fix], matched: Sequence[Matched]) -> None:
    """Raises Failed when the file cannot be written."""
    shapes = [*_map(route, fixes, matched), *_progress(fixes, matched)]
    outliers = sum(m.outlier for m in matched)
    title = f"{len(fixes)} pings on {route.length_m / 1000:.2f} km, {outliers} outliers"
    try:
        if file.suffix.lower() == ".html":
            file.write_text(_html(shapes, title), encoding="utf-8")
        else:
            _png(file, shapes, title)
    except OSError as error:
        raise Failed(f"--plot {file}: {error.strerror or error}") from error


def _map(route: CompiledRoute, fixes: Sequence[Fix], matched: Sequence[Matched]) -> Iterable[Shape]:
    plane: Plane = route.plane
    line = [plane.to_xy(float(lon), float(lat)) for lon, lat in zip(route.lon, route.lat, strict=True)]
    west, east = min(x for x, _ in line), max(x for x, _ in line)
    south, north = min(y for _, y in line), max(y for _, y in line)
    far = _AWAY * max(east - west, north - south, 1.0)
    seen = [
        (min(max(x, west - far), east + far), min(max(y, south - far), north + far))
        for x, y in (plane.to_xy(fix.lon, fix.lat) for fix in fixes)
    ]
    all_x, all_y = [x for x, _ in line + seen], [y for _, y in line + seen]
    wide, high = max(max(all_x) - min(all_x), 1.0), max(max(all_y) - min(all_y), 1.0)
    scale = min((WIDTH - 2 * MARGIN) / wide, (MAP - 2 * MARGIN) / high)

    def pixel(point: Point) -> Point:
        return MARGIN + (point[0] - min(all_x)) * scale, MAP - MARGIN - (point[1] - min(all_y)) * scale

    yield Shape([pixel(p) for p in line], ROUTE, 5)
    for ping, m in zip(seen, matched, strict=True):
        if not m.outlier:
            yield Shape([pixel(ping), pixel(route.xy_at(m.along_m))], MATCH, 1)
        yield Shape([pixel(ping)], OUTLIER if m.outlier else PING, 3)


def _progress(fixes: Sequence[Fix], matched: Sequence[Matched]) -> Iterable[Shape]:
    """Metres along the route, upwards, over time."""
    left, right, top, bottom = MARGIN, WIDTH - MARGIN, MAP + MARGIN, HEIGHT - MARGIN
    yield Shape([(left, top), (left, bottom), (right, bottom)], ROUTE, 1)
    if not fixes:
        return
    first = min(fix.t for fix in fixes)
    span = max(max(fix.t for fix in fixes) - first, 1.0)
    told = [
        (left + (fix.t - first) / span * (right - left), bottom - m.fraction * (bottom - top))
        for fix, m in zip(fixes, matched, strict=True)
    ]
    yield Shape(told, MATCH, 1)
    for point, m in zip(told, matched, strict=True):
        yield Shape([point], OUTLIER if m.outlier else PING, 2)


def _html(shapes: Iterable[Shape], title: str) -> str:
    drawn = []
    for shape in shapes:
        if len(shape.points) == 1:
            x, y = shape.points[0]
            drawn.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{shape.width}" fill="{shape.colour}"/>')
        else:
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in shape.points)
            style = f'fill="none" stroke="{shape.colour}" stroke-width="{shape.width}"'
            drawn.append(f'<polyline points="{path}" {style}/>')
    picture = "\n".join(drawn)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f'<h1 style="font:16px sans-serif">{escape(title)}</h1>\n'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">\n'
        f"{picture}\n</svg></html>\n"
    )


def _png(file: Path, shapes: Iterable[Shape], title: str) -> None:
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(image)
    pen.text((MARGIN, MARGIN / 3), title, fill="black")
    for shape in shapes:
        if len(shape.points) == 1:
            pen.circle(shape.points[0], shape.width, fill=shape.colour)
        else:
            pen.line(shape.points, fill=shape.colour, width=round(shape.width), joint="curve")
    image.save(file, "PNG")
