"""Routes: a drawing becomes an immutable version of a route, and is retired one day."""

from __future__ import annotations

import orjson

from geo.drawing import compile_route
from geo.drawn.drawing import Drawing
from geo.refused import RouteRefused
from geo.route import CompiledRoute
from geo.said import say
from stacks.tasks.routes.shapes import refusal
from storage.catalog import Catalog, Lines, Route
from telemetry.problem import NotFound


class Routes:
    def __init__(self, catalog: Catalog, lines: Lines) -> None:
        self._catalog = catalog
        self._lines = lines

    def publish(self, fleet: str, route_id: str, drawing: Drawing, now: float) -> Route:
        """Without a draft. drawing: in WGS-84. Raises BadRequest when it cannot be a route."""
        route = self.prepare(fleet, route_id, drawing, now)
        self._catalog.add(route)
        return route

    def prepare(self, fleet: str, route_id: str, drawing: Drawing, now: float) -> Route:
        """The next version, its lines saved; it is published with its row. Raises BadRequest."""
        try:
            compiled = compile_route(drawing.line, drawing.stops)
        except RouteRefused as refused:
            raise refusal(refused) from refused
        version = self._catalog.next_version(fleet, route_id)
        route = versioned(drawing, compiled, fleet, route_id, version, now)
        line = [[lon, lat] for lon, lat, *_ in drawing.line]
        self._lines.save(route, compiled, orjson.dumps({"type": "LineString", "coordinates": line}))
        return route

    def all(self, fleet: str, *, retired: bool = False) -> list[Route]:
        return [it for it in self._catalog.all(fleet) if (it.retired_ms is not None) == retired]

    def get(self, fleet: str, route: str) -> tuple[Route, bytes]:
        """The route and its GeoJSON geometry. Raises NotFound."""
        found = self._catalog.get(fleet, route)
        if found is None:
            raise missing(route)
        return found, self._lines.drawn(found)

    def retire(self, fleet: str, route: str, now: float) -> list[Route]:
        """One version, or by an id every version that there is; again is the same. Raises NotFound."""
        if "@" in route:
            one = self._catalog.get(fleet, route)
            found = [one] if one else []
        else:
            found = self._catalog.all(fleet, route)
        if not found:
            raise missing(route)
        return [self._catalog.retire(it, round(now * 1000)) for it in found]


def versioned(
    drawing: Drawing, compiled: CompiledRoute, fleet: str, route_id: str, version: int, now: float
) -> Route:
    hours = tuple(stop.hours for stop in drawing.stops)
    start = (drawing.line[0][0], drawing.line[0][1])
    return Route(
        fleet, route_id, version, drawing.name or route_id, round(compiled.length_m, 3), round(now * 1000),
        stops=compiled.stops, start=start, hours=hours if any(hours) else (), time_zone=drawing.time_zone,
    )  # fmt: skip


def missing(route: str) -> NotFound:
    return NotFound(
        say(
            "route-not-found",
            "There is no route {route}; GET /v1/routes lists them, written id@version.",
            route=route,
        )
    )
