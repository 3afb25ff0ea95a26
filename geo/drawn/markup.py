"""GPX 1.0 and 1.1, and KML 2.2: one line, and the points beside it as stops."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from geo.drawn.drawing import Drawing, Unreadable
from geo.said import say
from geo.stops import Place

_LONGEST = 100
_DEEPEST = 100
"""Elements in one another, several times what any of these files has: what is read looks into each again."""


def read_gpx(data: bytes) -> Drawing:
    """The first route, else the first track with all its segments; waypoints are stops. Raises Unreadable."""
    root = parsed(data)
    for outer, inner in (("rte", "rtept"), ("trk", "trkpt")):
        lines = named(root, outer)
        if lines:
            points = [_attributes(point, f"{inner} {i}") for i, point in enumerate(named(lines[0], inner))]
            stops = [
                Place(_name(point) or f"Stop {i + 1}", *_attributes(point, f"wpt {i}"))
                for i, point in enumerate(named(root, "wpt"))
            ]
            return Drawing(points, stops, _name(lines[0]), others=len(lines) - 1)
    raise Unreadable(say("file-no-track", "it has neither a route nor a track"))


def read_kml(data: bytes) -> Drawing:
    """The first LineString; Placemarks of a Point are stops. Raises Unreadable."""
    root = parsed(data)
    lines = [line for line in named(root, "LineString") if named(line, "coordinates")]
    if not lines:
        raise Unreadable(say("file-no-line", "it has no LineString with coordinates"))
    places = named(root, "Placemark")
    called = (_name(place) for place in places if lines[0] in set(named(place, "LineString")))
    return Drawing(list(_listed(lines[0])), list(_pins(places)), next(called, ""), others=len(lines) - 1)


def parsed(data: bytes) -> Element:
    """Raises Unreadable, also for entities: what expands may be a bomb."""
    try:
        root: Element = defusedxml.ElementTree.fromstring(data)
    except DefusedXmlException as error:
        raise Unreadable(
            say("file-entities", "it declares entities, which are not read: {error}", error=str(error))
        ) from error
    except ParseError as error:
        raise Unreadable(say("file-not-xml", "it is not XML: {error}", error=str(error))) from error
    except (LookupError, ValueError) as error:
        raise Unreadable(
            say("file-encoding", "its encoding is not known ({error}); save it as UTF-8", error=str(error))
        ) from error
    level = [root]
    for _ in range(_DEEPEST):
        level = [inner for element in level for inner in element]
    if level:
        raise Unreadable(say("file-deep", "it has more than {most} elements in one another", most=_DEEPEST))
    return root


def named(root: Element, name: str) -> list[Element]:
    """Descendants of that name, whatever their namespace."""
    return [element for element in root.iter() if element.tag.rpartition("}")[2] == name]


def _pins(places: list[Element]) -> Iterator[Place]:
    pins = ((place, point) for place in places for point in named(place, "Point"))
    for number, (place, point) in enumerate(pins, 1):
        for lon, lat in _listed(point):
            yield Place(_name(place) or f"Stop {number}", lon, lat)


def _listed(element: Element) -> Iterator[tuple[float, float]]:
    """Of its `coordinates`: lon,lat[,height] …"""
    what = element.tag.rpartition("}")[2]
    for coordinates in named(element, "coordinates")[:1]:
        for i, text in enumerate((coordinates.text or "").split()):
            try:
                lon, lat, *_ = map(float, text.split(","))
            except ValueError:
                reason = say(
                    "file-position",
                    "{what}: position {i}, {text!r}, is not lon,lat[,height]",
                    what=what,
                    i=i,
                    text=text[:40],
                )
                raise Unreadable(reason) from None
            yield lon, lat


def _attributes(point: Element, what: str) -> tuple[float, float]:
    try:
        return float(point.attrib["lon"]), float(point.attrib["lat"])
    except (KeyError, ValueError):
        said = " ".join(f'{name}="{value[:20]}"' for name, value in point.attrib.items())
        reason = say(
            "file-element",
            "<{element}>: lon and lat are needed, as decimal degrees",
            element=f"{what} {said}",
        )
        raise Unreadable(reason) from None


def _name(element: Element) -> str:
    """Of the element itself, not of what is in it."""
    own = (child for child in element if child.tag.rpartition("}")[2] == "name")
    return next((" ".join((child.text or "").split()) for child in own), "")[:_LONGEST]
