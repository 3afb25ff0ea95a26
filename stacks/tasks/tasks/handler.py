"""POST and GET /v1/tasks, POST /v1/tasks/{task}/claim."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from stacks.tasks.tasks import wiring
from stacks.tasks.tasks.desk import Desk, Wanted
from stacks.tasks.tasks.money import bonus
from stacks.tasks.tasks.shapes import NewTask, read_page, shown
from telemetry.api import Request, Response, answer, reply
from telemetry.body import read_body
from telemetry.names import PEOPLE

log = Logger(service="tasks-tasks")


def create(desk: Desk, request: Request) -> Response:
    caller = request.caller().require("admin")
    new = read_body(request, NewTask)
    wanted = Wanted(new.route, new.title, bonus(new.bonus.amount, new.bonus.currency), new.deadline)
    return reply(201, shown(desk.create(caller.fleet, wanted, request.clock())))


def page(desk: Desk, request: Request) -> Response:
    caller = request.caller().require(*PEOPLE)
    asked = read_page(request.query)
    tasks = desk.page(caller.fleet, asked.status, asked.after, asked.limit)
    following = tasks[-1].task if len(tasks) == asked.limit else None
    return reply(200, {"tasks": [shown(task) for task in tasks], "next": following})


def claim(desk: Desk, request: Request) -> Response:
    caller = request.caller().require("courier")
    return reply(200, shown(desk.claim(caller.fleet, request.path["task"], caller.user, request.clock())))


ENDPOINTS = {"POST /v1/tasks": create, "GET /v1/tasks": page, "POST /v1/tasks/{task}/claim": claim}
wire = cache(lambda: wiring.build(os.environ))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wire(), request), event, log)
