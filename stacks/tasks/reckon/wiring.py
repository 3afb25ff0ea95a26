from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stacks.tasks.moves import Moves
from stacks.tasks.reckon.reckon import Reckoner
from stacks.tasks.reckon.sources import Log, Sources
from storage.aws import backoff, client
from storage.later import SqsLater
from storage.settlements import DynamoSettlements
from storage.tasks import DynamoTasks
from telemetry.clock import now_s
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    """unreckoned: the address of the queue of trips to be tried again."""

    tasks_table: str
    trips_table: str
    unreckoned: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(required(env, "TASKS_TABLE"), required(env, "TRIPS_TABLE"), required(env, "UNRECKONED"))


def build(env: Mapping[str, str], log: Log) -> Sources:
    settings = Settings.from_env(env)
    dynamodb = client("dynamodb", attempts=4)
    moves = Moves(DynamoTasks(dynamodb, settings.tasks_table), backoff)
    return Sources(
        Reckoner(moves, now_s, backoff),
        DynamoSettlements(dynamodb, settings.trips_table),
        SqsLater(client("sqs", attempts=4), settings.unreckoned),
        log,
    )
