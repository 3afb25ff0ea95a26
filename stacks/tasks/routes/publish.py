"""Routes: a drawn line becomes an immutable version of a route."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from geo.datum import Datum, converted
from geo.refused import RouteRefused, StopRefused
from geo.route import compile_route
from geo.stops import Place
from storage.catalog import Catalog, Lines, Route
from telemetry.body import wrong
from telemetry.problem import NotFound

Point = list[float]


class Routes:
    def __init__(self, catalog: Catalog, lines: Lines) -> None:
        self._catalog = catalog
        self._lines = lines

    def publish(
        self,
        fleet: str,
        route_id: str,
        name: str,
        line: Sequence[Point],
        now: float,
        stops: Sequence[Place] = (),
        datum: Datum = "wgs84",
    ) -> Route:
        """line: GeoJSON positions [lon, lat], a height is left out; stops: in the order of their visits;
        both in `datum`, and kept in WGS-84.

        Raises BadRequest when the line cannot be a route, or a place no stop of it.
        """
        try:
            compiled = compile_route(line, stops, datum=datum)
        except StopRefused as refused:
            raise wrong(f"stops[{refused.index}]", f"cannot be a stop: {refused}") from refused
        except RouteRefused as refused:
            raise wrong("line", f"cannot be a route: {refused}") from refused
        version = self._catalog.next_version(fleet, route_id)
        length_m, created_ms = round(compiled.length_m, 3), round(now * 1000)
        drawn = in_wgs84(line, datum)
        start = (drawn[0][0], drawn[0][1])
        route = Route(fleet, route_id, version, name, length_m, created_ms, compiled.stops, start)
        geometry = {"type": "LineString", "coordinates": drawn}
        self._lines.save(route, compiled, orjson.dumps(geometry))
        self._catalog.add(route)
        return route

    def all(self, fleet: str) -> list[Route]:
        return self._catalog.all(fleet)

    def get(self, fleet: str, route: str) -> tuple[Route, bytes]:
        """The route and its GeoJSON geometry. Raises NotFound."""
        found = self._catalog.get(fleet, route)
        if found is None:
            raise NotFound(f"There is no route {route}; GET /v1/routes lists them, written id@version.")
        return found, self._lines.drawn(found)


def in_wgs84(line: Sequence[Point], datum: Datum) -> list[Point]:
    """As drawn, to 1e-7 degree (11 mm) where it has to be converted."""
    if datum == "wgs84":
        return [[lon, lat] for lon, lat, *_ in line]
    lon, lat = converted([point[0] for point in line], [point[1] for point in line], datum, "wgs84")
    return [[round(x, 7), round(y, 7)] for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
