from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stacks.tasks.notify.notify import Log, Notify
from storage.alerts import DynamoAlerts
from storage.aws import client
from storage.bus import EventBridge
from storage.connections import DynamoConnections
from storage.damage import told
from storage.later import SqsLater
from storage.sockets import GatewaySockets
from telemetry.clock import now_s
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    tasks_table: str
    connections_table: str
    live_endpoint: str
    bus: str
    untold: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        names = ("TASKS_TABLE", "CONNECTIONS_TABLE", "LIVE_ENDPOINT", "BUS", "UNTOLD_QUEUE")
        return cls(*(required(env, name) for name in names))


def build(env: Mapping[str, str], log: Log) -> Notify:
    settings, dynamodb = Settings.from_env(env), client("dynamodb", attempts=4)
    return Notify(
        DynamoAlerts(dynamodb, settings.tasks_table, told(log)),
        EventBridge(client("events", attempts=1), settings.bus),
        DynamoConnections(dynamodb, settings.connections_table),
        GatewaySockets(client("apigatewaymanagementapi", attempts=1, endpoint_url=settings.live_endpoint)),
        now_s,
        SqsLater(client("sqs", attempts=4), settings.untold),
        log,
    )
