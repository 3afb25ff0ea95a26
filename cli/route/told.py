"""A preview in words."""

from __future__ import annotations

from collections.abc import Iterator

from geo.drawn.drawing import Drawing
from geo.hours import clock
from geo.preview.finding import Finding
from geo.preview.limits import Pace
from geo.preview.preview import Preview


def report(drawing: Drawing, look: Preview, pace: Pace) -> Iterator[str]:
    yield headline(drawing, look)
    if look.route and look.duration_s is not None:
        yield (
            f"{look.vertices} points drawn, {len(look.route.lon)} compiled; the time is that of"
            f" {pace.speed_mps:g} m/s, and {pace.dwell_s:g} s at each stop"
        )
    for i, place in enumerate(drawing.stops):
        hours = f"  {'-'.join(place.hours.text)}" if place.hours else ""
        stop, arrives_s = look.stops.get(i, (None, 0.0))
        where = f"{stop.along_m:>9.0f} m  +{span(arrives_s)}" if stop else "  nowhere on the line"
        yield f"  stop {i}  {place.name:<24}{where}{hours}"
    if look.starts is not None:
        ranges = ", ".join(f"{clock(first)}-{clock(last)}" for first, last in look.starts)
        yield f"starts from which every stop is open: {ranges}"
    for number, finding in enumerate(look.findings, 1):
        yield f"  {line(number, finding)}"
    yield "It can be published." if look.publishable else "It cannot be published yet."


def headline(drawing: Drawing, look: Preview) -> str:
    name = drawing.name or "route"
    if look.route is None or look.duration_s is None:
        return f"{name}: {look.vertices} points, and no route"
    stops = "1 stop" if len(drawing.stops) == 1 else f"{len(drawing.stops)} stops"
    return f"{name}: {look.route.length_m / 1000:.2f} km, {span(look.duration_s)}, {stops}"


def line(number: int, finding: Finding) -> str:
    return f"({number}) {'blocks: ' if finding.blocks else ''}{finding.detail}"


def span(seconds: float) -> str:
    """Hours and minutes, "1:05 h"."""
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours}:{minutes:02} h"
