"""What the routes API takes: GeoJSON (RFC 7946), whose further members are left alone."""

from __future__ import annotations

from typing import Annotated

import msgspec

from telemetry.names import NAME

Position = Annotated[list[float], msgspec.Meta(min_length=2, max_length=4)]


class LineString(msgspec.Struct, tag_field="type", tag="LineString"):
    coordinates: list[Position]


class Feature(msgspec.Struct, tag_field="type", tag="Feature"):
    geometry: LineString


class NewRoute(msgspec.Struct, forbid_unknown_fields=True):
    id: Annotated[str, msgspec.Meta(pattern=NAME)]
    line: LineString | Feature
    name: Annotated[str, msgspec.Meta(max_length=100)] = ""

    def positions(self) -> list[list[float]]:
        line = self.line.geometry if isinstance(self.line, Feature) else self.line
        return line.coordinates
