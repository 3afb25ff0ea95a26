"""A step of a trip's life as an endpoint: who may take it, what they say, and the trip as the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stacks.tasks import shown
from stacks.tasks.moves import Actor
from stacks.tasks.once import Once, once
from stacks.tasks.trips.ride import Asked, Rides
from stacks.tasks.trips.shapes import Moment, Remark, Successor, read
from stacks.tasks.trips.wiring import Wiring
from storage.tasks import Trip
from telemetry.api import Caller, Request, Response
from telemetry.body import read_body
from telemetry.life import TRANSITIONS, Action

Step = Callable[[Rides, Asked, str], Trip]
Endpoint = Callable[[Wiring, Request], Response]


def step(action: Action, act: Step, shape: type[Moment | Remark] = Remark, status: int = 200) -> Endpoint:
    """For `act`, open to whom the life cycle lets take `action`; about the trip or the task in the path."""
    roles = sorted(TRANSITIONS[action].who - {"system"})

    def endpoint(wired: Wiring, request: Request) -> Response:
        caller = request.caller().require(*roles)
        said = read(request, shape)
        at_ms = round(said.at * 1000) if isinstance(said, Moment) and said.at is not None else None
        name = request.path.get("trip") or request.path["task"]

        def acted(asked: Asked) -> Trip:
            return act(wired.rides, asked, name)

        return _answer(wired, request, caller, acted, said.note, at_ms, status)

    return endpoint


def reassign(wired: Wiring, request: Request) -> Response:
    caller = request.caller().require("manager")
    said, trip = read_body(request, Successor), request.path["trip"]

    def acted(asked: Asked) -> Trip:
        return wired.rides.reassign(asked, trip, said.courier)

    return _answer(wired, request, caller, acted, said.note)


def actor(caller: Caller) -> Actor:
    role: Any = caller.role
    return Actor(caller.user, role)


def _answer(
    wired: Wiring,
    request: Request,
    caller: Caller,
    act: Callable[[Asked], Trip],
    note: str,
    at_ms: int | None = None,
    status: int = 200,
) -> Response:
    now = request.clock()

    def acted(key: Once | None) -> Trip:
        return act(Asked(caller.fleet, actor(caller), now, at_ms, note, key))

    def again(trip: str) -> None:
        wired.rides.follow(caller.fleet, trip, now)

    return once(wired.store, request, caller, status, shown.trip, acted, again)
