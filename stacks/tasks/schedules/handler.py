"""POST and GET /v1/schedules, DELETE /v1/schedules/{schedule}, POST /v1/schedules/times."""

from __future__ import annotations

import os
from dataclasses import asdict
from functools import cache, partial
from typing import Any

from aws_lambda_powertools import Logger

from stacks.tasks.once import once
from stacks.tasks.schedules import wiring
from stacks.tasks.schedules.preview import preview
from stacks.tasks.schedules.shapes import NEXT, NewSchedule, When, shown
from stacks.tasks.schedules.wiring import Wiring
from telemetry.api import Request, Response, answer, reply
from telemetry.body import read_body

log = Logger(service="tasks-schedules")


def add(wired: Wiring, request: Request) -> Response:
    caller, now = request.caller().require("admin"), request.clock()
    new, make = read_body(request, NewSchedule), wired.schedules.add
    show = partial(shown, now=now)
    return once(wired.answers, request, caller, 201, show, lambda key: make(caller.fleet, new, now, key))


def every(wired: Wiring, request: Request) -> Response:
    caller, now = request.caller().require("manager", "admin"), request.clock()
    return reply(200, {"schedules": [shown(it, now) for it in wired.schedules.all(caller.fleet)]})


def remove(wired: Wiring, request: Request) -> Response:
    caller = request.caller().require("admin")
    wired.schedules.remove(caller.fleet, request.path["schedule"])
    return reply(204)


def times(_wired: Wiring, request: Request) -> Response:
    """Of a schedule that is not made yet."""
    request.caller().require("manager", "admin")
    asked = read_body(request, When)
    return reply(200, asdict(preview(asked.cron, asked.time_zone, request.clock(), NEXT)))


ENDPOINTS = {
    "POST /v1/schedules": add,
    "GET /v1/schedules": every,
    "DELETE /v1/schedules/{schedule}": remove,
    "POST /v1/schedules/times": times,
}
wire = cache(lambda: wiring.build(os.environ, log))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wire(), request), event, log)
