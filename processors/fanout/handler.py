"""The live table's stream → WebSocket updates."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from processors.fanout.fanout import Fanout
from storage.aws import client
from storage.connections import DynamoConnections
from storage.sockets import GatewaySockets
from telemetry.clock import now_s
from telemetry.settings import required

if TYPE_CHECKING:
    from collections.abc import Mapping

log = Logger()


@dataclass(frozen=True, slots=True)
class Settings:
    connections_table: str
    live_endpoint: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(required(env, "CONNECTIONS_TABLE"), required(env, "LIVE_ENDPOINT"))


@cache
def wire() -> Fanout:
    settings = Settings.from_env(os.environ)
    connections = DynamoConnections(client("dynamodb"), settings.connections_table)
    management = client("apigatewaymanagementapi", attempts=1, endpoint_url=settings.live_endpoint)
    return Fanout(connections, GatewaySockets(management), now_s, log)


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    delivered = wire().spread(event["Records"])
    log.debug("fanned out", extra={"records": len(event["Records"]), "delivered": delivered})
    return {"batchItemFailures": []}
