"""Routes: a drawn line becomes an immutable version of a route."""

from __future__ import annotations

import orjson

from geo.route import RouteRefused, compile_route
from storage.catalog import Catalog, Lines, Route
from telemetry.body import wrong
from telemetry.problem import NotFound

Point = list[float]


class Routes:
    def __init__(self, catalog: Catalog, lines: Lines) -> None:
        self._catalog = catalog
        self._lines = lines

    def publish(self, fleet: str, route_id: str, name: str, line: list[Point], now: float) -> Route:
        """line: GeoJSON positions, WGS-84 [lon, lat]; a height is left out.

        Raises BadRequest when the line cannot be a route.
        """
        lonlat = [(lon, lat) for lon, lat, *_ in line]
        try:
            compiled = compile_route(lonlat)
        except RouteRefused as refused:
            raise wrong("line", f"cannot be a route: {refused}") from refused
        version = self._catalog.next_version(fleet, route_id)
        route = Route(fleet, route_id, version, name, round(compiled.length_m, 3), round(now * 1000))
        geometry = {"type": "LineString", "coordinates": lonlat}
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
