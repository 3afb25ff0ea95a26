"""A route's line from a file: GeoJSON, GPX or KML."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
import orjson
from defusedxml import DefusedXmlException

from cli.common import Failed

LonLat = tuple[float, float]


def read_line(file: Path) -> list[LonLat]:
    """The one line that the file holds, lon and lat [degrees]. Raises Failed.

    GeoJSON: a LineString, a Feature of one, a collection of one; GPX: the first route, else the first track
    with all its segments; KML: the first LineString.
    """
    readers = {".geojson": _geojson, ".json": _geojson, ".gpx": _gpx, ".kml": _kml}
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise Failed(f"{file}: routes are read from {', '.join(readers)}")
    try:
        return reader(file.read_bytes())
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from error
    except (ValueError, LookupError, TypeError, ParseError, DefusedXmlException) as error:
        raise Failed(f"{file} holds no route: {error}") from error


def _geojson(data: bytes) -> list[LonLat]:
    found = orjson.loads(data)
    if found["type"] == "FeatureCollection":
        if len(found["features"]) != 1:
            raise ValueError(f"the collection has {len(found['features'])} features; one is expected")
        found = found["features"][0]
    if found["type"] == "Feature":
        found = found["geometry"]
    if found["type"] != "LineString":
        raise ValueError(f"a {found['type']} is no route; a LineString is")
    return [(float(lon), float(lat)) for lon, lat, *_ in found["coordinates"]]


def _gpx(data: bytes) -> list[LonLat]:
    root = parsed(data)
    for outer, inner in (("rte", "rtept"), ("trk", "trkpt")):
        for line in named(root, outer):
            return [(float(point.attrib["lon"]), float(point.attrib["lat"])) for point in named(line, inner)]
    raise ValueError("it has neither a route nor a track")


def _kml(data: bytes) -> list[LonLat]:
    for line in named(parsed(data), "LineString"):
        for coordinates in named(line, "coordinates"):
            places = [place.split(",") for place in (coordinates.text or "").split()]
            return [(float(lon), float(lat)) for lon, lat, *_ in places]
    raise ValueError("it has no LineString with coordinates")


def parsed(data: bytes) -> Element:
    """Raises ParseError, DefusedXmlException (entities and such, which may be bombs)."""
    root: Element = defusedxml.ElementTree.fromstring(data)
    return root


def named(root: Element, name: str) -> list[Element]:
    """Descendants of that name, whatever their namespace."""
    return [element for element in root.iter() if element.tag.rpartition("}")[2] == name]
