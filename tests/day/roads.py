"""The routes of a day: one plain with stops (it comes as a GPX file), one of laps, one there and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import gpxpy.gpx

from cli.replay.places import LonLat
from geo.drawing import compile_route
from geo.route import CompiledRoute
from tests.rides import line


@dataclass(frozen=True)
class Road:
    """drawn: WGS-84 (lon, lat). stops: of those, which the GPX file has as waypoints."""

    id: str
    name: str
    drawn: tuple[LonLat, ...]
    stops: tuple[int, ...] = ()

    @cached_property
    def compiled(self) -> CompiledRoute:
        return compile_route(self.drawn)

    def gpx(self) -> bytes:
        file = gpxpy.gpx.GPX()
        points = [gpxpy.gpx.GPXRoutePoint(lat, lon) for lon, lat in self.drawn]
        file.routes.append(gpxpy.gpx.GPXRoute(name=self.name))
        file.routes[0].points = points
        for i in self.stops:
            lon, lat = self.drawn[i]
            file.waypoints.append(gpxpy.gpx.GPXWaypoint(lat, lon, name=f"Stop {i}"))
        return file.to_xml().encode()


def roads(times: int) -> tuple[Road, Road, Road]:
    """times: how long they are; 1 is about two kilometres."""
    street = tuple(line([(i * 400, 150 * (i % 2)) for i in range(4 * times + 1)], angle=20))
    block = [(0, 0), (250, 0), (250, 250), (0, 250)]
    laps = tuple(line([*(block * (2 * times)), (0, 0)], lon=121.478, lat=31.226, angle=10))
    back = [(0, 0), (500 * times, 0), (1000 * times, 60), (500 * times, 0), (0, 0)]
    return (
        Road("day-street", "Street with stops", street, (1, 4 * times)),
        Road("day-laps", "Laps around the block", laps),
        Road("day-there-and-back", "There and back", tuple(line(back, lat=31.234, angle=-15))),
    )
