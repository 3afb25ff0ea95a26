"""POST and GET /v1/tasks, POST /v1/tasks/{task}/claim."""

from __future__ import annotations

import os
import re
from functools import cache
from typing import Annotated, Any

import msgspec
from aws_lambda_powertools import Logger

from stacks.tasks.tasks import wiring
from stacks.tasks.tasks.desk import Desk, Wanted
from stacks.tasks.tasks.money import bonus
from storage.tasks import STATUSES, Task
from telemetry.api import Request, Response, answer, reply
from telemetry.body import read_body, wrong
from telemetry.names import LAST_SECOND, ROUTE

logger = Logger(service="tasks-tasks")

_MOST, _USUAL = 500, 200


class NewBonus(msgspec.Struct, forbid_unknown_fields=True):
    amount: str
    currency: str


class NewTask(msgspec.Struct, forbid_unknown_fields=True):
    route: Annotated[str, msgspec.Meta(pattern=ROUTE)]
    bonus: NewBonus
    deadline: Annotated[float, msgspec.Meta(ge=0, le=LAST_SECOND)]
    title: Annotated[str, msgspec.Meta(max_length=100)] = ""


def create(desk: Desk, request: Request) -> Response:
    caller = request.caller().require("admin")
    new = read_body(request, NewTask)
    wanted = Wanted(new.route, new.title, bonus(new.bonus.amount, new.bonus.currency), new.deadline)
    return reply(201, shown(desk.create(caller.fleet, wanted, request.clock())))


def page(desk: Desk, request: Request) -> Response:
    caller = request.caller()
    status, after, asked = (request.query.get(name) for name in ("status", "after", "limit"))
    if status is not None and status not in STATUSES:
        raise wrong("status", f"must be one of {', '.join(STATUSES)}")
    if after is not None and not re.fullmatch(r"tk_[0-9a-z]{16}", after):
        raise wrong("after", "must be `next` of the page before")
    limit = int(asked) if asked and re.fullmatch(r"[0-9]{1,4}", asked) else _USUAL if asked is None else 0
    if not 1 <= limit <= _MOST:
        raise wrong("limit", f"must be a whole number from 1 to {_MOST}")
    tasks = desk.page(caller.fleet, status, after, limit)
    following = tasks[-1].task if len(tasks) == limit else None
    return reply(200, {"tasks": [shown(task) for task in tasks], "next": following})


def claim(desk: Desk, request: Request) -> Response:
    caller = request.caller().require("courier")
    return reply(200, shown(desk.claim(caller.fleet, request.path["task"], caller.user, request.clock())))


def shown(task: Task) -> dict[str, Any]:
    """deadline: Unix seconds."""
    paid = {"amount": task.bonus.amount, "currency": task.bonus.currency}
    told = {"task": task.task, "title": task.title, "route": task.route, "status": task.status}
    return told | {
        "bonus": paid,
        "deadline": task.deadline_ms / 1000,
        "courier": task.courier,
        "trip": task.trip,
    }


ENDPOINTS = {"POST /v1/tasks": create, "GET /v1/tasks": page, "POST /v1/tasks/{task}/claim": claim}
wired = cache(lambda: wiring.build(os.environ))


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wired(), request), event, logger)
