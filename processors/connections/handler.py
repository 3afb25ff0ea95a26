"""The WebSocket API: $connect, $disconnect, subscribe, snapshot, and whatever else a client sends."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from processors.connections.connections import Connections, refusal
from storage.aws import client
from storage.connections import DynamoConnections
from storage.live import DynamoLive
from storage.sockets import GatewaySockets
from telemetry.clock import now_s
from telemetry.problem import Problem
from telemetry.settings import required

if TYPE_CHECKING:
    from collections.abc import Mapping

OK = {"statusCode": 200}
log = Logger()


@dataclass(frozen=True, slots=True)
class Settings:
    connections_table: str
    live_table: str
    live_endpoint: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        names = ("CONNECTIONS_TABLE", "LIVE_TABLE", "LIVE_ENDPOINT")
        return cls(*(required(env, name) for name in names))


@cache
def wire() -> Connections:
    settings, dynamodb = Settings.from_env(os.environ), client("dynamodb")
    return Connections(
        DynamoConnections(dynamodb, settings.connections_table),
        DynamoLive(dynamodb, settings.live_table),
        GatewaySockets(client("apigatewaymanagementapi", attempts=1, endpoint_url=settings.live_endpoint)),
        now_s,
        log,
    )


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    route, connection = event["requestContext"]["routeKey"], event["requestContext"]["connectionId"]
    live = wire()
    if route == "$connect":
        try:
            live.connect(connection, (event.get("queryStringParameters") or {}).get("ticket", ""))
        except Problem as problem:
            return refusal(problem)
        return OK
    acts = {"$disconnect": live.disconnect, "subscribe": live.subscribe, "snapshot": live.snapshot}
    try:
        acts.get(route, live.unknown)(connection)
    except Problem as problem:
        live.refuse(connection, problem)
    return OK
