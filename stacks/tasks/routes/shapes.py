"""What the routes API takes, as JSON or as a file, becomes a drawing in WGS-84."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import msgspec

from geo.datum import Datum
from geo.drawing import MAX_VERTICES
from geo.drawn import files, geojson
from geo.drawn.drawing import Drawing, Unreadable
from geo.drawn.geojson import Line, NewStop
from geo.refused import RouteRefused, StopRefused
from geo.said import say
from geo.stops import check
from stacks.tasks.routes.zone import check_zone
from telemetry.fields import wrong
from telemetry.names import NAME
from telemetry.problem import BadRequest

MOST_POINTS = 2 * MAX_VERTICES
"""Of a draft: a recording to be thinned out. An answer of 6 MB, a function's most, shows them."""
Name = Annotated[str, msgspec.Meta(max_length=100)]


class Drawn(msgspec.Struct, forbid_unknown_fields=True):
    """line, or the text of a `file` in a `format`; what is said beside them goes before what is in them."""

    line: Line | None = None
    format: files.Format | None = None
    file: str | None = None
    name: Name = ""
    datum: Datum = "wgs84"
    stops: list[NewStop] | None = None
    time_zone: str | None = None


class NewRoute(Drawn, forbid_unknown_fields=True, kw_only=True):
    id: Annotated[str, msgspec.Meta(pattern=NAME)]


class NewDraft(Drawn, forbid_unknown_fields=True, kw_only=True):
    revision: Annotated[int, msgspec.Meta(ge=1)] | None = None


class Revision(msgspec.Struct, forbid_unknown_fields=True):
    revision: Annotated[int, msgspec.Meta(ge=1)] | None = None


def refusal(refused: RouteRefused) -> BadRequest:
    """Of a line that can be no route, or a place that can be no stop of it, with where it is."""
    if isinstance(refused, StopRefused):
        unfit = say("stop-unfit", "cannot be a stop: {why}", why=refused.reason)
        return wrong(f"stops[{refused.index}]", unfit)
    problem = wrong("line", say("line-unfit", "cannot be a route: {why}", why=refused.reason))
    if spot := refused.spot:
        problem.extra["at"] = {"index": spot.index, "lon": spot.lon, "lat": spot.lat}
    return problem


def drawing_of(said: Drawn) -> Drawing:
    if (said.line is None) == (said.file is None):
        if said.line is None:
            raise wrong(
                "line", say("line-missing", "is missing; give it as GeoJSON, or a file and its format")
            )
        raise wrong("line", say("line-and-file", "and file are both there; give one of them"))
    if said.line is not None:
        try:
            return completed(geojson.drawing(said.line), said)
        except Unreadable as error:
            raise _unreadable(error, "line") from error
    if said.format is None:
        missing = say("format-missing", "is missing: the file's, one of {known}", known=list(files.FORMATS))
        raise wrong("format", missing)
    return completed(read_of((said.file or "").encode(), said.format, "file"), said)


def read_of(data: bytes, form: files.Format, field: str) -> Drawing:
    try:
        drawing = files.read(data, form)
    except Unreadable as error:
        raise _unreadable(error, field) from error
    if drawing.others:
        many = say(
            "lines-many",
            "has {lines} lines, and a route is one; leave one in it",
            lines=drawing.others + 1,
        )
        raise wrong(field, many)
    return drawing


def _unreadable(error: Unreadable, field: str) -> BadRequest:
    unreadable = say("unreadable", "cannot be read: {why}", why=error.reason)
    return wrong(f"{field}.{error.field}".rstrip("."), unreadable)


def completed(drawing: Drawing, said: Drawn) -> Drawing:
    """With what was said beside it, in WGS-84."""
    if len(drawing.line) > MOST_POINTS:
        many = say(
            "draft-points-many",
            "has {points} points; {most} are the most: thin it out",
            points=len(drawing.line),
            most=MOST_POINTS,
        )
        raise wrong("line", many)
    stops = drawing.stops
    if said.stops is not None:
        try:
            stops = [geojson.place(stop, f"stops[{i}]") for i, stop in enumerate(said.stops)]
        except Unreadable as error:
            raise wrong(error.field, say("stop-wrong", "is wrong: {why}", why=error.reason)) from error
    zone = said.time_zone or drawing.time_zone
    if zone is not None:
        check_zone(zone)
    elif any(stop.hours for stop in stops):
        missing = say(
            "zone-missing",
            "is missing: opens and closes are local times, for example of Asia/Shanghai",
        )
        raise wrong("time_zone", missing)
    try:
        check(stops)
        whole = replace(drawing, stops=stops, name=said.name or drawing.name, time_zone=zone)
        return whole.in_wgs84(said.datum)
    except RouteRefused as refused:
        raise refusal(refused) from refused
