"""A trip's life: POST /v1/trips/{trip}/<step>, POST /v1/tasks/{task}/start, GET /v1/trips and an audit."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from stacks.tasks import shown
from stacks.tasks.moves import Actor
from stacks.tasks.once import Once, once
from stacks.tasks.paging import one_of, read_page
from stacks.tasks.trips import wiring
from stacks.tasks.trips.ride import Asked, Rides
from stacks.tasks.trips.shapes import Moment, Remark, Successor, read
from stacks.tasks.trips.wiring import Wiring
from storage.tasks import Trip
from telemetry.api import Caller, Request, Response, answer, reply
from telemetry.body import read_body
from telemetry.life import STATES, TRANSITIONS, Action

log = Logger(service="tasks-trips")
Step = Callable[[Rides, Asked, str], Trip]
Endpoint = Callable[[Wiring, Request], Response]


def step(action: Action, act: Step, shape: type[Moment | Remark] = Remark, status: int = 200) -> Endpoint:
    """An endpoint for `act`, open to whom the life cycle lets."""
    roles = sorted(TRANSITIONS[action].who - {"system"})

    def endpoint(wired: Wiring, request: Request) -> Response:
        caller = request.caller().require(*roles)
        said = read(request, shape)
        at_ms = round(said.at * 1000) if isinstance(said, Moment) and said.at is not None else None
        name = request.path.get("trip") or request.path["task"]
        return _answer(
            wired, request, caller, status, at_ms, said.note, lambda asked: act(wired.rides, asked, name)
        )

    return endpoint


def reassign(wired: Wiring, request: Request) -> Response:
    caller = request.caller().require("manager")
    said, trip = read_body(request, Successor), request.path["trip"]
    return _answer(
        wired,
        request,
        caller,
        200,
        None,
        said.note,
        lambda asked: wired.rides.reassign(asked, trip, said.courier),
    )


def _answer(
    wired: Wiring, request: Request, caller: Caller, status: int, at_ms: int | None, note: str,
    act: Callable[[Asked], Trip],
) -> Response:  # fmt: skip
    now = request.clock()

    def asked(key: Once | None) -> Trip:
        return act(Asked(caller.fleet, actor(caller), now, at_ms, note, key))

    def again(trip: str) -> None:
        wired.rides.follow(caller.fleet, trip, now)

    return once(wired.store, request, caller, status, shown.trip, asked, again)


def page(wired: Wiring, request: Request) -> Response:
    caller, query = request.caller(), request.query
    state: Any = one_of(query, "state", STATES)
    trips, following = wired.lists.page(caller, query.get("courier"), state, read_page(query, "tr"))
    return reply(200, {"trips": [shown.trip(trip) for trip in trips], "next": following})


def audit(wired: Wiring, request: Request) -> Response:
    caller = request.caller()
    trip, lines = wired.lists.audit(caller, actor(caller), request.path["trip"])
    return reply(200, {"trip": shown.trip(trip), "lines": [shown.line(line) for line in lines]})


def actor(caller: Caller) -> Actor:
    role: Any = caller.role
    return Actor(caller.user, role)


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
wire = cache(lambda: wiring.build(os.environ))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wire(), request), event, log)
