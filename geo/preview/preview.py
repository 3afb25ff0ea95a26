"""A drawing looked at as a whole: length, time, stops, and what is odd."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from geo.arrival import Stop
from geo.drawing import compile_route
from geo.drawn.drawing import Drawing
from geo.preview.finding import Finding
from geo.preview.limits import LIMITS, PACE, Limits, Pace
from geo.preview.overlap import Stretch, overlap, overlaps
from geo.preview.shape import ends_near_start, long_gaps, sharp_turns
from geo.preview.timing import arrivals_s, duration_s, met
from geo.refused import RouteRefused, StopRefused
from geo.route import CompiledRoute
from geo.said import capital, say
from geo.stops import Place, check, placed

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Preview:
    """route: None where the line can be none; stops: those that can be placed, by their number in the
    drawing, and when a courier arrives there [s after the start]; bounds: west, south, east, north [degrees];
    starts: minutes of the local day, None where no stop has hours or one cannot be placed.
    """

    vertices: int
    bounds: Bounds | None = None
    route: CompiledRoute | None = None
    duration_s: float | None = None
    stops: dict[int, tuple[Stop, float]] = field(default_factory=dict)
    starts: list[tuple[int, int]] | None = None
    overlaps: Sequence[Stretch] = ()
    findings: Sequence[Finding] = ()

    @property
    def publishable(self) -> bool:
        return not any(finding.blocks for finding in self.findings)


def preview(drawing: Drawing, pace: Pace = PACE, limits: Limits = LIMITS) -> Preview:
    """drawing: in WGS-84."""
    try:
        route = compile_route(drawing.line)
    except RouteRefused as refused:
        spot = refused.spot
        broken = Finding("no-route", capital(refused.reason), blocks=True)
        if spot:
            broken = replace(broken, index=spot.index, lon=spot.lon, lat=spot.lat)
        return Preview(len(drawing.line), findings=[broken])
    stops, refusals = _placed(route, drawing.stops)
    along = [stop.along_m for stop in stops.values()]
    starts, unmet = met(along, [None if refusals else drawing.stops[i].hours for i in stops], pace)
    stretches = overlaps(route, limits)
    beside = overlap(route, stretches, limits)
    x, y = np.array([p[:2] for p in drawing.line], dtype=np.float64).T
    return Preview(
        vertices=len(drawing.line),
        bounds=_bounds(route),
        route=route,
        duration_s=duration_s(route.length_m, len(stops), pace),
        stops={i: (stop, at) for (i, stop), at in zip(stops.items(), arrivals_s(along, pace), strict=True)},
        starts=starts.ranges() if any(stop.hours for stop in drawing.stops) and not refusals else None,
        overlaps=stretches,
        findings=[
            *refusals,
            *([beside] if beside else []),
            *sharp_turns(route, limits),
            *long_gaps(x, y, limits),
            *ends_near_start(route, limits),
            *_unmet(stops, [list(stops)[i] for i in unmet], drawing.stops),
        ],
    )


def _placed(route: CompiledRoute, places: Sequence[Place]) -> tuple[dict[int, Stop], list[Finding]]:
    """The stops by their number, and what is wrong with the others; where they cannot be visited in order,
    each is at its nearest pass.
    """
    try:
        check(places)
    except StopRefused as refused:
        return {}, [_refusal(refused, {}, places)]
    stops: dict[int, Stop] = {}
    wrong: list[StopRefused] = []
    for i, place in enumerate(places):
        try:
            stops[i] = placed([place], route, [i])[0]
        except StopRefused as refused:
            wrong.append(refused)
    try:
        inside = list(stops)
        stops = dict(zip(inside, placed([places[i] for i in inside], route, inside), strict=True))
    except StopRefused as refused:
        order = [str(i) for i in sorted(stops, key=lambda i: stops[i].along_m)]
        reason = say(
            "stops-passed-as", "{why} (the line passes them as {order})", why=refused.reason, order=order
        )
        wrong.append(StopRefused(refused.index, reason))
    return stops, [_refusal(refused, stops, places) for refused in wrong]


def _refusal(refused: StopRefused, stops: Mapping[int, Stop], places: Sequence[Place]) -> Finding:
    i = refused.index
    place, stop = places[min(i, len(places) - 1)], stops.get(i)
    off_m = None if refused.off_m is None else round(refused.off_m, 1)
    return Finding(
        "stop-refused", capital(refused.reason), blocks=True, index=i, along_m=stop.along_m if stop else None,
        lon=place.lon, lat=place.lat, amount=off_m, unit="m" if off_m is not None else None,
    )  # fmt: skip


def _unmet(stops: Mapping[int, Stop], numbers: Sequence[int], places: Sequence[Place]) -> Iterator[Finding]:
    for i in numbers:
        hours, stop = places[i].hours, stops[i]
        if hours:
            opens, closes = hours.text
            yield Finding(
                "hours-unmet",
                f"Stop {i} ({stop.name}) is open from {opens} to {closes}; who is in time for those before it"
                " comes at another time, whenever they start: change hours or order, or make two routes",
                index=i, along_m=stop.along_m, lon=stop.lon, lat=stop.lat,
            )  # fmt: skip


def _bounds(route: CompiledRoute) -> Bounds:
    """As GeoJSON has them (RFC 7946, section 5)."""
    west, east = ((float(lon) + 180.0) % 360.0 - 180.0 for lon in (np.min(route.lon), np.max(route.lon)))
    return round(west, 7), float(np.min(route.lat)), round(east, 7), float(np.max(route.lat))
