"""A route from a file: GeoJSON, GPX or KML."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
import orjson
from defusedxml import DefusedXmlException

from cli.common import Failed
from geo.stops import RADIUS_M, Place

LonLat = tuple[float, float]


class Drawn(NamedTuple):
    """lon and lat [degrees]; stops in the order of their visits."""

    line: list[LonLat]
    stops: list[Place]


def read_route(file: Path) -> Drawn:
    """The one line that the file holds, and its stops. Raises Failed.

    GeoJSON: a LineString, a Feature of one, a collection of one, with the stops among the Feature's
    properties as `GET /v1/routes/{route}` gives them; GPX: the first route, else the first track
    with all its segments; KML: the first LineString.
    """
    readers = {".geojson": _geojson, ".json": _geojson, ".gpx": _gpx, ".kml": _kml}
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise Failed(f"{file}: routes are read from {', '.join(readers)}")
    try:
        return Drawn(*reader(file.read_bytes()))
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from error
    except (ValueError, LookupError, TypeError, ParseError, DefusedXmlException) as error:
        raise Failed(f"{file} holds no route: {error}") from error


def _geojson(data: bytes) -> tuple[list[LonLat], list[Place]]:
    found = orjson.loads(data)
    if found["type"] == "FeatureCollection":
        if len(found["features"]) != 1:
            raise ValueError(f"the collection has {len(found['features'])} features; one is expected")
        found = found["features"][0]
    stops: list[Place] = []
    if found["type"] == "Feature":
        stops = _stops((found.get("properties") or {}).get("stops"))
        found = found["geometry"]
    if found["type"] != "LineString":
        raise ValueError(f"a {found['type']} is no route; a LineString is")
    return [(float(lon), float(lat)) for lon, lat, *_ in found["coordinates"]], stops


def _stops(found: Any) -> list[Place]:
    """None where the property means something else."""
    if not isinstance(found, list) or not all(isinstance(it, dict) and "name" in it for it in found):
        return []
    return [
        Place(str(it["name"]), float(it["lon"]), float(it["lat"]), float(it.get("radius_m", RADIUS_M)))
        for it in found
    ]


def _gpx(data: bytes) -> tuple[list[LonLat], list[Place]]:
    root = parsed(data)
    for outer, inner in (("rte", "rtept"), ("trk", "trkpt")):
        for line in named(root, outer):
            places = [(float(p.attrib["lon"]), float(p.attrib["lat"])) for p in named(line, inner)]
            return places, []
    raise ValueError("it has neither a route nor a track")


def _kml(data: bytes) -> tuple[list[LonLat], list[Place]]:
    for line in named(parsed(data), "LineString"):
        for coordinates in named(line, "coordinates"):
            places = [place.split(",") for place in (coordinates.text or "").split()]
            return [(float(lon), float(lat)) for lon, lat, *_ in places], []
    raise ValueError("it has no LineString with coordinates")


def parsed(data: bytes) -> Element:
    """Raises ParseError, DefusedXmlException (entities and such, which may be bombs)."""
    root: Element = defusedxml.ElementTree.fromstring(data)
    return root


def named(root: Element, name: str) -> list[Element]:
    """Descendants of that name, whatever their namespace."""
    return [element for element in root.iter() if element.tag.rpartition("}")[2] == name]
