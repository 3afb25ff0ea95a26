"""What trips pay: a calculation, its approval, and payouts of what was approved."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from geo.said import say
from stacks.tasks import shown as tasks_shown
from stacks.tasks.moves import Actor
from stacks.tasks.once import once
from stacks.tasks.paging import read_page
from stacks.tasks.payouts import shown, wiring
from stacks.tasks.payouts.shapes import Agreed, TakenBack
from stacks.tasks.payouts.table import CONTENT_TYPE, table
from stacks.tasks.payouts.wiring import Wiring
from telemetry.api import Caller, Request, Response, answer, reply
from telemetry.body import read_body
from telemetry.names import PEOPLE
from telemetry.problem import Conflict

log = Logger(service="tasks-payouts")


def bonus(wired: Wiring, request: Request) -> Response:
    caller = request.caller().require(*PEOPLE)
    return reply(200, shown.bonus(wired.moves.trip(caller.fleet, request.path["trip"], actor(caller))))


def approve(wired: Wiring, request: Request) -> Response:
    caller, now_ms = request.caller().require("manager"), round(request.clock() * 1000)
    said = read_body(request, Agreed) if request.body().strip() else Agreed()
    who, act = (caller.fleet, request.path["trip"], actor(caller), now_ms), wired.approval.approve
    return once(
        wired.tasks, request, caller, 200, tasks_shown.trip,
        lambda key: act(*who, said.note, said.revision, key),
    )  # fmt: skip


def reject(wired: Wiring, request: Request) -> Response:
    caller, now_ms = request.caller().require("manager"), round(request.clock() * 1000)
    said, act = read_body(request, TakenBack), wired.approval.reject
    who = (caller.fleet, request.path["trip"], actor(caller), now_ms)
    return once(wired.tasks, request, caller, 200, tasks_shown.trip, lambda key: act(*who, said.note, key))


def overview(wired: Wiring, request: Request) -> Response:
    caller, page = request.caller().require("manager", "admin"), read_page(request.query, "po")
    found = wired.store.page(caller.fleet, page.after, page.limit)
    following = found[-1].payout if len(found) == page.limit else None
    unpaid = shown.unpaid(wired.payouts.approved(caller.fleet))
    return reply(200, {"unpaid": unpaid, "payouts": [shown.head(it) for it in found], "next": following})


def make(wired: Wiring, request: Request) -> Response:
    caller, now = request.caller().require("admin"), request.clock()
    fleet, by, payouts = caller.fleet, actor(caller), wired.payouts
    return once(
        wired.tasks, request, caller, 201, shown.payout,
        lambda key: payouts.make(fleet, by, now, key),
        lambda name: shown.payout(payouts.go_on(fleet, name, by, now)),
    )  # fmt: skip


def one(wired: Wiring, request: Request) -> Response:
    """As JSON, or as CSV where the name ends in .csv."""
    caller, said = request.caller().require("manager", "admin"), request.path["payout"]
    name = said.removesuffix(".csv")
    payout = wired.payouts.get(caller.fleet, name)
    if payout.lines is None:
        raise Conflict(
            say(
                "payout-incomplete",
                "Payout {payout} is not complete yet; POST /v1/payouts goes on with it (role admin).",
                payout=name,
            )
        )
    if said == name:
        return reply(200, shown.payout(payout))
    headers = {
        "content-type": CONTENT_TYPE,
        "content-disposition": f'attachment; filename="{name}.csv"',
        "cache-control": "no-store",
    }
    return {"statusCode": 200, "headers": headers, "body": table(payout)}


def actor(caller: Caller) -> Actor:
    role: Any = caller.role
    return Actor(caller.user, role)


ENDPOINTS = {
    "GET /v1/trips/{trip}/bonus": bonus,
    "POST /v1/trips/{trip}/approve": approve,
    "POST /v1/trips/{trip}/reject": reject,
    "GET /v1/payouts": overview,
    "POST /v1/payouts": make,
    "GET /v1/payouts/{payout}": one,
}
wire = cache(lambda: wiring.build(os.environ))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wire(), request), event, log)
