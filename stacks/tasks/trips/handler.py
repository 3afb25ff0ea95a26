"""A trip's life: POST /v1/trips/{trip}/<step>, POST /v1/tasks/{task}/start, GET /v1/trips and an audit."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from stacks.tasks import shown
from stacks.tasks.paging import one_of, read_page
from stacks.tasks.trips import wiring
from stacks.tasks.trips.lists import Asked
from stacks.tasks.trips.ride import Rides
from stacks.tasks.trips.shapes import Moment
from stacks.tasks.trips.steps import Endpoint, actor, reassign, step
from stacks.tasks.trips.wiring import Wiring
from telemetry.api import Request, Response, answer, reply
from telemetry.life import STATES
from telemetry.names import PEOPLE

log = Logger(service="tasks-trips")


def page(wired: Wiring, request: Request) -> Response:
    caller, query = request.caller().require(*PEOPLE), request.query
    state: Any = one_of(query, "state", STATES)
    asked = Asked(query.get("courier"), state, query.get("task"))
    trips, following = wired.lists.page(caller, asked, read_page(query, "tr"))
    return reply(200, {"trips": [shown.trip(trip) for trip in trips], "next": following})


def audit(wired: Wiring, request: Request) -> Response:
    caller = request.caller().require(*PEOPLE)
    trip, lines = wired.lists.audit(caller, actor(caller), request.path["trip"])
    return reply(200, {"trip": shown.trip(trip), "lines": [shown.line(line) for line in lines]})


ENDPOINTS: dict[str, Endpoint] = {
    "POST /v1/tasks/{task}/start": step("start", Rides.start_task, Moment, 201),
    "POST /v1/trips/{trip}/start": step("start", Rides.start, Moment, 201),
    "POST /v1/trips/{trip}/pause": step("pause", Rides.pause),
    "POST /v1/trips/{trip}/resume": step("resume", Rides.resume),
    "POST /v1/trips/{trip}/finish": step("finish", Rides.finish, Moment),
    "POST /v1/trips/{trip}/confirm": step("finish", Rides.confirm),
    "POST /v1/trips/{trip}/dispute": step("dispute", Rides.dispute),
    "POST /v1/trips/{trip}/release": step("release", Rides.release),
    "POST /v1/trips/{trip}/cancel": step("cancel", Rides.cancel),
    "POST /v1/trips/{trip}/reassign": reassign,
    "GET /v1/trips": page,
    "GET /v1/trips/{trip}/audit": audit,
}
wire = cache(lambda: wiring.build(os.environ, log))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wire(), request), event, log)
