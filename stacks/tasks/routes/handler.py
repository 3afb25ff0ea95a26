"""POST and GET /v1/routes, GET /v1/routes/{route}."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import orjson
from aws_lambda_powertools import Logger

from stacks.tasks.routes import wiring
from stacks.tasks.routes.publish import Routes
from stacks.tasks.routes.shapes import NewRoute
from storage.catalog import Route
from telemetry.api import Request, Response, answer, reply
from telemetry.body import read_body
from telemetry.names import PEOPLE

log = Logger(service="tasks-routes")


def publish(routes: Routes, request: Request) -> Response:
    caller = request.caller().require("admin")
    new = read_body(request, NewRoute)
    route = routes.publish(
        caller.fleet, new.id, new.name or new.id, new.positions(), request.clock(), new.places(), new.datum
    )
    return reply(201, whole(route) | {"id": route.id, "version": route.version})


def all_routes(routes: Routes, request: Request) -> Response:
    caller = request.caller().require(*PEOPLE)
    return reply(200, {"routes": [shown(route) for route in routes.all(caller.fleet)]})


def one(routes: Routes, request: Request) -> Response:
    caller = request.caller().require(*PEOPLE)
    route, line = routes.get(caller.fleet, request.path["route"])
    feature = {"type": "Feature", "geometry": orjson.Fragment(line), "properties": whole(route)}
    return reply(200, feature, "application/geo+json")


def shown(route: Route) -> dict[str, Any]:
    return {"route": route.route, "name": route.name, "length_m": route.length_m}


def whole(route: Route) -> dict[str, Any]:
    return shown(route) | {"stops": [stop._asdict() for stop in route.stops]}


ENDPOINTS = {"POST /v1/routes": publish, "GET /v1/routes": all_routes, "GET /v1/routes/{route}": one}
wire = cache(lambda: wiring.build(os.environ))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wire(), request), event, log)
