"""GeoJSON (RFC 7946): a LineString, a Feature of one, or a FeatureCollection with one line, whose points are
the stops. Further members are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any

import msgspec

from geo.drawn.drawing import Drawing, Unreadable
from geo.hours import read_hours
from geo.refused import Refused
from geo.said import say
from geo.stops import RADIUS_M, Place

Position = Annotated[list[float], msgspec.Meta(min_length=2, max_length=4)]
_AT = re.compile(r" - at `\$\.?(?P<path>.*)`$")
_LONGEST = 100  # characters of a name


class LineString(msgspec.Struct, tag_field="type", tag="LineString"):
    coordinates: list[Position]


class Point(msgspec.Struct, tag_field="type", tag="Point"):
    coordinates: Position


class Feature(msgspec.Struct, tag_field="type", tag="Feature"):
    geometry: LineString | Point
    properties: dict[str, Any] | None = None


class FeatureCollection(msgspec.Struct, tag_field="type", tag="FeatureCollection"):
    features: list[Feature]


Line = LineString | Feature | FeatureCollection


class NewStop(msgspec.Struct):
    """What else a published stop has, such as where along the route it is, is found anew."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=_LONGEST)]
    lon: float
    lat: float
    radius_m: float = RADIUS_M
    opens: str | None = None
    closes: str | None = None


def read(data: bytes) -> Drawing:
    """Raises Unreadable."""
    try:
        found: Line = msgspec.json.decode(data, type=Line)
    except (UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(
            say(
                "file-not-json",
                "it is not JSON in UTF-8 of a reasonable depth: {error}",
                error=str(error),
            )
        ) from error
    except msgspec.DecodeError as error:
        at = _AT.search(str(error))
        unfit = say(
            "file-not-geojson",
            "{error}; a LineString, a Feature of one, or a FeatureCollection with one is read",
            error=str(error),
        )
        raise Unreadable(unfit, at["path"] if at else "") from error
    return drawing(found)


def drawing(found: Line) -> Drawing:
    """Raises Unreadable."""
    if isinstance(found, FeatureCollection):
        return _collected(found.features)
    if isinstance(found, LineString):
        return Drawing(found.coordinates)
    if isinstance(found.geometry, Point):
        raise Unreadable(say("file-a-point", "a Point is no route; a LineString is"), "geometry.type")
    said = found.properties or {}
    zone = said.get("time_zone")
    stops = _listed(said.get("stops"))
    return Drawing(found.geometry.coordinates, stops, _name(said), zone if isinstance(zone, str) else None)


def feature(drawing: Drawing) -> dict[str, Any]:
    """What `read` reads again."""
    stops = [placed(stop) for stop in drawing.stops]
    properties = {"name": drawing.name, "time_zone": drawing.time_zone, "stops": stops}
    geometry = {"type": "LineString", "coordinates": [[lon, lat] for lon, lat, *_ in drawing.line]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def placed(stop: Place) -> dict[str, Any]:
    """A stop's members, with its hours where it has some."""
    said = {"name": stop.name, "lon": stop.lon, "lat": stop.lat, "radius_m": stop.radius_m}
    return said | dict(zip(("opens", "closes"), stop.hours.text, strict=True)) if stop.hours else said


def place(stop: NewStop, field: str) -> Place:
    """Raises Unreadable."""
    try:
        hours = read_hours(stop.opens, stop.closes)
    except Refused as error:
        raise Unreadable(error.reason, f"{field}.{'closes' if stop.opens else 'opens'}") from error
    return Place(stop.name, stop.lon, stop.lat, stop.radius_m, hours)


def _collected(features: list[Feature]) -> Drawing:
    lines = [it for it in features if isinstance(it.geometry, LineString)]
    if len(lines) != 1:
        many = say("file-lines", "the collection has {lines} LineStrings; a route is one", lines=len(lines))
        raise Unreadable(many, "features")
    points = tuple(_points(features))
    alone = drawing(lines[0])
    if points and alone.stops:
        both = say(
            "file-stops-twice",
            "the line lists its stops, and there are points too; leave one of both",
        )
        raise Unreadable(both, "features")
    return replace(alone, stops=points or alone.stops)


def _points(features: list[Feature]) -> Iterator[Place]:
    number = 0
    for i, feature in enumerate(features):
        if isinstance(feature.geometry, Point):
            number += 1
            lon, lat, *_ = feature.geometry.coordinates
            said = feature.properties or {}
            known = {name: said[name] for name in ("radius_m", "opens", "closes") if name in said}
            stop = {"name": _name(said) or f"Stop {number}", "lon": lon, "lat": lat} | known
            yield place(_stop(stop, f"features[{i}].properties"), f"features[{i}].properties")


def _listed(found: Any) -> tuple[Place, ...]:
    """None where the property means something else."""
    if not isinstance(found, list) or not all(isinstance(it, dict) and "name" in it for it in found):
        return ()
    fields = [f"properties.stops[{i}]" for i in range(len(found))]
    return tuple(place(_stop(it, field), field) for it, field in zip(found, fields, strict=True))


def _stop(said: Any, field: str) -> NewStop:
    try:
        return msgspec.convert(said, NewStop)
    except msgspec.ValidationError as error:
        raise Unreadable(str(error), field) from error


def _name(said: dict[str, Any]) -> str:
    name = said.get("name")
    return name[:_LONGEST] if isinstance(name, str) else ""
