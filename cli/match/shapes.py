"""What a plot is made of, in pixels from its upper left corner, and how it becomes a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]
_FINE = 2
_ANCHORS = {"start": "lm", "middle": "mm", "end": "rm"}


@dataclass(frozen=True)
class Line:
    points: list[Point]
    colour: str
    width: float = 1.0


@dataclass(frozen=True)
class Dot:
    """Filled; with `ring`, white inside an edge of the colour."""

    at: Point
    radius: float
    colour: str
    ring: bool = False


@dataclass(frozen=True)
class Box:
    upper_left: Point
    lower_right: Point
    colour: str


@dataclass(frozen=True)
class Text:
    """Its middle line goes through `at`."""

    at: Point
    text: str
    anchor: Anchor = "start"
    size: int = 13
    colour: str = "#334155"


Shape = Line | Dot | Box | Text
EDGE = "#cbd5e1"


def frame(place: tuple[float, float, float, float]) -> Iterator[Shape]:
    left, top, right, bottom = place
    yield Line([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], EDGE)


def save(file: Path, size: tuple[int, int], shapes: Iterable[Shape], title: str) -> None:
    """size: width, height. By the file's suffix: .html, one SVG in it, or .png. Raises OSError."""
    if file.suffix.lower() == ".html":
        file.write_text(_html(size, shapes, title), encoding="utf-8")
    else:
        _png(size, shapes).save(file, "PNG")


def _html(size: tuple[int, int], shapes: Iterable[Shape], title: str) -> str:
    picture = "\n".join(_svg(shape) for shape in shapes)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f'<svg viewBox="0 0 {size[0]} {size[1]}" role="img" aria-label="{escape(title)}"'
        ' style="max-width:100%;font-family:sans-serif;background:#fff">\n'
        f"{picture}\n</svg></html>\n"
    )


def _svg(shape: Shape) -> str:
    if isinstance(shape, Line):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in shape.points)
        style = f'stroke="{shape.colour}" stroke-width="{shape.width:g}" stroke-linejoin="round"'
        return f'<polyline points="{path}" fill="none" {style}/>'
    if isinstance(shape, Dot):
        fill, edge = ("#fff", shape.colour) if shape.ring else (shape.colour, "none")
        at = f'cx="{shape.at[0]:.1f}" cy="{shape.at[1]:.1f}" r="{shape.radius:g}"'
        return f'<circle {at} fill="{fill}" stroke="{edge}" stroke-width="1.5"/>'
    if isinstance(shape, Box):
        (x, y), (right, bottom) = shape.upper_left, shape.lower_right
        at = f'x="{x:.1f}" y="{y:.1f}" width="{right - x:.1f}" height="{bottom - y:.1f}"'
        return f'<rect {at} fill="{shape.colour}"/>'
    at = f'x="{shape.at[0]:.1f}" y="{shape.at[1]:.1f}"'
    style = f'text-anchor="{shape.anchor}" dominant-baseline="central" font-size="{shape.size}"'
    return f'<text {at} {style} fill="{shape.colour}">{escape(shape.text)}</text>'


def _png(size: tuple[int, int], shapes: Iterable[Shape]) -> Image.Image:
    """Drawn large and made smaller, since Pillow's lines and dots have rough edges."""

    def large(point: Point) -> Point:
        return point[0] * _FINE, point[1] * _FINE

    image = Image.new("RGB", (size[0] * _FINE, size[1] * _FINE), "white")
    pen = ImageDraw.Draw(image)
    for shape in shapes:
        if isinstance(shape, Line):
            width = max(round(shape.width * _FINE), 1)
            pen.line([large(point) for point in shape.points], fill=shape.colour, width=width, joint="curve")
        elif isinstance(shape, Dot):
            fill, edge = ("white", shape.colour) if shape.ring else (shape.colour, None)
            radius = shape.radius * _FINE
            pen.circle(large(shape.at), radius, fill=fill, outline=edge, width=2 * _FINE)
        elif isinstance(shape, Box):
            pen.rectangle((large(shape.upper_left), large(shape.lower_right)), fill=shape.colour)
        else:
            # Pillow's own font has Latin letters only; names in others are in the .html.
            text = shape.text.encode("latin-1", "ignore").decode("latin-1").strip()
            font = ImageFont.load_default(shape.size * _FINE)
            pen.text(large(shape.at), text, fill=shape.colour, font=font, anchor=_ANCHORS[shape.anchor])
    return image.resize(size, Image.Resampling.LANCZOS)
