"""GET /v1/fleet, and POST /v1/live/ticket that lets a viewer into the live stream."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from storage.aws import client
from storage.connections import ConnectionStore, DynamoConnections, Viewer
from storage.live import DynamoLive, LiveStore
from telemetry.api import Request, Response, answer, reply
from telemetry.live import view
from telemetry.settings import required

if TYPE_CHECKING:
    from collections.abc import Mapping

log = Logger()


@dataclass(frozen=True, slots=True)
class Settings:
    live_table: str
    connections_table: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(required(env, "LIVE_TABLE"), required(env, "CONNECTIONS_TABLE"))


@dataclass(frozen=True, slots=True)
class Wiring:
    live: LiveStore
    connections: ConnectionStore


@cache
def wire() -> Wiring:
    settings, dynamodb = Settings.from_env(os.environ), client("dynamodb")
    connections = DynamoConnections(dynamodb, settings.connections_table)
    return Wiring(DynamoLive(dynamodb, settings.live_table), connections)


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    act = {"GET /v1/fleet": _fleet, "POST /v1/live/ticket": _ticket}[event["routeKey"]]
    return answer(act, event, log)


def _fleet(request: Request) -> Response:
    caller = request.caller().require("manager", "admin")
    now = request.clock()
    found = wire().live.fleet(caller.fleet)
    found.tell(log)
    left_out = [key.split("/", 1)[1] for key in found.unreadable]
    return reply(
        200, {"couriers": [view(live, now) for live in found.lives.values()], "unreadable": left_out}
    )


def _ticket(request: Request) -> Response:
    """What its holder may see is decided by the role that is kept with it."""
    caller = request.caller().require("courier", "manager", "admin")
    ticket, ends = wire().connections.issue_ticket(Viewer(caller.fleet, caller.user, caller.role))
    return reply(201, {"ticket": ticket, "expires_at": ends})
