"""A fleet's own settings: GET and PUT /v1/fleet/rules; GET, PUT and DELETE /v1/fleet/webhooks."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from stacks.tasks.alerts import shown as shown_alerts
from stacks.tasks.fleet import hooks, wiring
from stacks.tasks.fleet.shapes import NewWebhook, read_fresh, read_rules
from stacks.tasks.fleet.wiring import Wiring
from telemetry.alerts import Rules
from telemetry.api import Request, Response, answer, reply
from telemetry.body import read_body

log = Logger(service="tasks-fleet")


def rules(wired: Wiring, request: Request) -> Response:
    fleet = request.caller().require("manager", "admin").fleet
    return reply(200, shown_alerts.rules(wired.alerts.rules([fleet]).get(fleet) or Rules()))


def set_rules(wired: Wiring, request: Request) -> Response:
    fleet, new = request.caller().require("admin").fleet, read_rules(request)
    wired.alerts.put_rules(fleet, new)
    return reply(200, shown_alerts.rules(new))


def webhooks(wired: Wiring, request: Request) -> Response:
    caller = request.caller().require("manager", "admin")
    shown = [hooks.shown(it, url=caller.role == "admin") for it in wired.hooks.all(caller.fleet)]
    return reply(200, {"webhooks": shown})


def set_webhook(wired: Wiring, request: Request) -> Response:
    """The secret is in no later answer."""
    fleet, said = request.caller().require("admin").fleet, read_body(request, NewWebhook)
    name, fresh = request.path["webhook"], read_fresh(request)
    webhook, secret = wired.hooks.put(fleet, name, said, request.clock(), fresh=fresh)
    return reply(200, hooks.shown(webhook) | ({"secret": secret} if secret else {}))


def remove_webhook(wired: Wiring, request: Request) -> Response:
    wired.hooks.remove(request.caller().require("admin").fleet, request.path["webhook"])
    return reply(204)


ENDPOINTS = {
    "GET /v1/fleet/rules": rules,
    "PUT /v1/fleet/rules": set_rules,
    "GET /v1/fleet/webhooks": webhooks,
    "PUT /v1/fleet/webhooks/{webhook}": set_webhook,
    "DELETE /v1/fleet/webhooks/{webhook}": remove_webhook,
}
wire = cache(lambda: wiring.build(os.environ, log))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wire(), request), event, log)
