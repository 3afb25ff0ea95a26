"""POST /v1/tasks/{task}/start, POST /v1/trips/{trip}/finish."""

from __future__ import annotations

import os
from functools import cache
from typing import Annotated, Any

import msgspec
from aws_lambda_powertools import Logger

from stacks.tasks.trips import wiring
from stacks.tasks.trips.ride import Rides
from storage.trips import Trip
from telemetry.api import Request, Response, answer, reply
from telemetry.body import read_body
from telemetry.names import LAST_SECOND

log = Logger(service="tasks-trips")


class Moment(msgspec.Struct, forbid_unknown_fields=True):
    """at: Unix seconds; a phone that was offline says when it was."""

    at: Annotated[float, msgspec.Meta(ge=0, le=LAST_SECOND)] | None = None


def start(rides: Rides, request: Request) -> Response:
    caller = request.caller().require("courier")
    trip = rides.start(caller.fleet, caller.user, request.path["task"], _at_ms(request), request.clock())
    return reply(201, shown(trip))


def finish(rides: Rides, request: Request) -> Response:
    caller = request.caller().require("courier")
    trip = rides.finish(caller.fleet, caller.user, request.path["trip"], _at_ms(request), request.clock())
    return reply(200, shown(trip) | {"finished_at": (trip.finished_ms or 0) / 1000})


def shown(trip: Trip) -> dict[str, Any]:
    told = {"trip": trip.trip, "task": trip.task, "route": trip.route}
    return told | {"started_at": trip.started_ms / 1000}


def _at_ms(request: Request) -> int | None:
    """The body may be left out altogether."""
    at = read_body(request, Moment).at if request.body().strip() else None
    return None if at is None else round(at * 1000)


ENDPOINTS = {"POST /v1/tasks/{task}/start": start, "POST /v1/trips/{trip}/finish": finish}
wire = cache(lambda: wiring.build(os.environ))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wire(), request), event, log)
