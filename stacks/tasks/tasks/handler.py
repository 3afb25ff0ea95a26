"""POST and GET /v1/tasks, GET /v1/tasks/{task}, POST /v1/tasks/{task}/claim and /withdraw; and
POST /v1/bonuses/example.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from stacks.tasks import shown
from stacks.tasks.once import once
from stacks.tasks.paging import one_of, read_page
from stacks.tasks.tasks import nearby, wiring
from stacks.tasks.tasks.example import Supposed, example
from stacks.tasks.tasks.shapes import NewTask
from stacks.tasks.tasks.wiring import Wiring
from storage.tasks import STATUSES
from telemetry.api import Request, Response, answer, reply
from telemetry.body import read_body
from telemetry.names import PEOPLE

log = Logger(service="tasks-tasks")


def create(wired: Wiring, request: Request) -> Response:
    caller, now = request.caller().require("admin"), request.clock()
    new = read_body(request, NewTask)
    make = wired.desk.create
    return once(wired.store, request, caller, 201, shown.task, lambda key: make(caller.fleet, new, now, key))


def page(wired: Wiring, request: Request) -> Response:
    caller = request.caller().require(*PEOPLE)
    if "near" in request.query:
        return near(wired, request)
    status, asked = one_of(request.query, "status", STATUSES), read_page(request.query, "tk")
    tasks, following = wired.desk.page(caller.fleet, status, asked, request.clock())
    return reply(200, {"tasks": [shown.task(task) for task in tasks], "next": following})


def near(wired: Wiring, request: Request) -> Response:
    """Open tasks that the caller may claim, the nearest first."""
    caller = request.caller()
    tags = wired.claims.tags(caller) if caller.role == "courier" else None
    found = nearby.search(wired.near, caller.fleet, tags, request.query, request.clock()).page()
    tasks = [shown.task(task) | {"distance_m": round(distance)} for distance, task in found.tasks]
    return reply(200, {"tasks": tasks, "next": nearby.text(found.after)})


def one(wired: Wiring, request: Request) -> Response:
    task = wired.desk.get(request.caller().require(*PEOPLE).fleet, request.path["task"], request.clock())
    return reply(200, shown.task(task))


def claim(wired: Wiring, request: Request) -> Response:
    caller, now = request.caller().require("courier"), request.clock()
    task, win = request.path["task"], wired.claims.claim
    return once(wired.store, request, caller, 200, shown.trip, lambda key: win(caller, task, now, key))


def withdraw(wired: Wiring, request: Request) -> Response:
    caller, now = request.caller().require("admin"), request.clock()
    task, end = request.path["task"], wired.desk.withdraw
    return once(wired.store, request, caller, 200, shown.task, lambda key: end(caller.fleet, task, now, key))


def bonus_example(_wired: Wiring, request: Request) -> Response:
    request.caller().require("manager", "admin")
    said = read_body(request, Supposed)
    made = [shown.calculation(it) for it in example(said)]
    return reply(200, {"currency": said.bonus.currency, "calculations": made})


ENDPOINTS = {
    "POST /v1/tasks": create,
    "GET /v1/tasks": page,
    "GET /v1/tasks/{task}": one,
    "POST /v1/tasks/{task}/claim": claim,
    "POST /v1/tasks/{task}/withdraw": withdraw,
    "POST /v1/bonuses/example": bonus_example,
}
wire = cache(lambda: wiring.build(os.environ, log))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wire(), request), event, log)
