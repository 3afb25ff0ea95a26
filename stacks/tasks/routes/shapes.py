"""What the routes API takes: GeoJSON (RFC 7946), whose further members are left alone."""

from __future__ import annotations

from typing import Annotated

import msgspec

from geo.datum import Datum
from geo.stops import RADIUS_M, Place
from telemetry.names import NAME

Position = Annotated[list[float], msgspec.Meta(min_length=2, max_length=4)]


class LineString(msgspec.Struct, tag_field="type", tag="LineString"):
    coordinates: list[Position]


class Feature(msgspec.Struct, tag_field="type", tag="Feature"):
    geometry: LineString


class NewStop(msgspec.Struct):
    """What else a published stop has, such as where along the route it is, is found anew."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    lon: float
    lat: float
    radius_m: float = RADIUS_M


class NewRoute(msgspec.Struct, forbid_unknown_fields=True):
    id: Annotated[str, msgspec.Meta(pattern=NAME)]
    line: LineString | Feature
    name: Annotated[str, msgspec.Meta(max_length=100)] = ""
    datum: Datum = "wgs84"
    stops: list[NewStop] = []

    def places(self) -> list[Place]:
        return [Place(stop.name, stop.lon, stop.lat, stop.radius_m) for stop in self.stops]

    def positions(self) -> list[list[float]]:
        line = self.line.geometry if isinstance(self.line, Feature) else self.line
        return line.coordinates
