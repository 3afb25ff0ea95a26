"""GET /v1/alerts, POST /v1/alerts/{alert}/acknowledge."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from geo.said import say
from stacks.tasks.alerts import shown, wiring
from stacks.tasks.paging import one_of, read_page
from storage.alerts import ALERT_STATES, AlertStore
from telemetry.api import Request, Response, answer, reply
from telemetry.problem import NotFound

log = Logger(service="tasks-alerts")


def page(alerts: AlertStore, request: Request) -> Response:
    caller = request.caller().require("manager", "admin")
    state: Any = one_of(request.query, "state", ALERT_STATES) or "open"
    asked = read_page(request.query, "al")
    found = alerts.page(caller.fleet, state, asked.after, asked.limit)
    following = found[-1].alert if len(found) == asked.limit else None
    return reply(200, {"alerts": [shown.alert(it) for it in found], "next": following})


def acknowledge(alerts: AlertStore, request: Request) -> Response:
    """Whose it was first stays: a repetition changes nothing."""
    caller, name = request.caller().require("manager", "admin"), request.path["alert"]
    found = alerts.acknowledge(caller.fleet, name, caller.user, round(request.clock() * 1000))
    if found is None:
        raise NotFound(
            say("alert-not-found", "There is no alert {alert}; GET /v1/alerts lists them.", alert=name)
        )
    return reply(200, shown.alert(found))


ENDPOINTS = {"GET /v1/alerts": page, "POST /v1/alerts/{alert}/acknowledge": acknowledge}
wire = cache(lambda: wiring.build(os.environ, log))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wire(), request), event, log)
