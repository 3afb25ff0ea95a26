"""POST and GET /v1/routes, GET /v1/routes/{route}."""

from __future__ import annotations

import os
from functools import cache
from typing import Annotated, Any

import msgspec
import orjson
from aws_lambda_powertools import Logger

from stacks.tasks.routes import wiring
from stacks.tasks.routes.publish import Routes
from storage.catalog import Route
from telemetry.api import Request, Response, answer, reply
from telemetry.body import read_body
from telemetry.names import NAME

logger = Logger(service="tasks-routes")

Position = Annotated[list[float], msgspec.Meta(min_length=2, max_length=4)]


class LineString(msgspec.Struct, tag_field="type", tag="LineString"):
    coordinates: list[Position]


class Feature(msgspec.Struct, tag_field="type", tag="Feature"):
    geometry: LineString


class NewRoute(msgspec.Struct, forbid_unknown_fields=True):
    id: Annotated[str, msgspec.Meta(pattern=NAME)]
    line: LineString | Feature
    name: Annotated[str, msgspec.Meta(max_length=100)] = ""


def publish(routes: Routes, request: Request) -> Response:
    caller = request.caller().require("admin")
    new = read_body(request, NewRoute)
    line = new.line.geometry if isinstance(new.line, Feature) else new.line
    route = routes.publish(caller.fleet, new.id, new.name or new.id, line.coordinates, request.clock())
    return reply(201, shown(route) | {"id": route.id, "version": route.version})


def all_routes(routes: Routes, request: Request) -> Response:
    caller = request.caller()
    return reply(200, {"routes": [shown(route) for route in routes.all(caller.fleet)]})


def one(routes: Routes, request: Request) -> Response:
    route, line = routes.get(request.caller().fleet, request.path["route"])
    feature = {"type": "Feature", "geometry": orjson.Fragment(line), "properties": shown(route)}
    return reply(200, feature, "application/geo+json")


def shown(route: Route) -> dict[str, Any]:
    return {"route": route.route, "name": route.name, "length_m": route.length_m}


ENDPOINTS = {"POST /v1/routes": publish, "GET /v1/routes": all_routes, "GET /v1/routes/{route}": one}
wired = cache(lambda: wiring.build(os.environ))


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wired(), request), event, logger)
