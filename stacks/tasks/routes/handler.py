"""POST and GET /v1/routes, GET /v1/routes/{route}, its retirement; drafts are in drafting.py."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import orjson
from aws_lambda_powertools import Logger

from stacks.tasks.routes import asked, drafting, shown, wiring
from stacks.tasks.routes.wiring import Wiring
from telemetry.api import Request, Response, answer, reply
from telemetry.names import PEOPLE

log = Logger(service="tasks-routes")


def publish_at_once(wired: Wiring, request: Request) -> Response:
    caller = request.caller().require("admin")
    route_id, drawing = asked.read_route(request)
    return drafting.published(wired.routes.publish(caller.fleet, route_id, drawing, request.clock()))


def all_routes(wired: Wiring, request: Request) -> Response:
    caller = request.caller().require(*PEOPLE)
    state = asked.read_state(request.query)
    if state != "published":
        caller.require("manager", "admin")
    if state == "draft":
        return reply(200, {"routes": [shown.draft(it) for it in wired.drafts.all(caller.fleet)]})
    routes = wired.routes.all(caller.fleet, retired=state == "retired")
    return reply(200, {"routes": [shown.route(it) for it in routes]})


def one(wired: Wiring, request: Request) -> Response:
    """Retired ones too, for the trips that are on them."""
    route, line = wired.routes.get(request.caller().require(*PEOPLE).fleet, request.path["route"])
    feature = {"type": "Feature", "geometry": orjson.Fragment(line), "properties": shown.whole(route)}
    return reply(200, feature, "application/geo+json")


def retire(wired: Wiring, request: Request) -> Response:
    caller = request.caller().require("admin")
    routes = wired.routes.retire(caller.fleet, request.path["route"], request.clock())
    return reply(200, {"routes": [shown.whole(it) for it in routes]})


ENDPOINTS = {
    "POST /v1/routes": publish_at_once,
    "GET /v1/routes": all_routes,
    "GET /v1/routes/{route}": one,
    "POST /v1/routes/{route}/retire": retire,
    "PUT /v1/routes/{route}/draft": drafting.put_draft,
    "GET /v1/routes/{route}/draft": drafting.draft,
    "DELETE /v1/routes/{route}/draft": drafting.delete_draft,
    "POST /v1/routes/{route}/publish": drafting.publish,
}
wire = cache(lambda: wiring.build(os.environ, log))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wire(), request), event, log)
