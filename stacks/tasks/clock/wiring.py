from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from stacks.tasks.clock.clock import Due
from stacks.tasks.clock.recurring import Log, Recurring
from stacks.tasks.moves import Moves
from stacks.tasks.tasks.desk import Desk
from storage.aws import backoff, client
from storage.catalog import DynamoCatalog
from storage.tasks import DynamoSchedules, DynamoTasks
from telemetry.clock import now_s
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    tasks_table: str
    routes_table: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(required(env, "TASKS_TABLE"), required(env, "ROUTES_TABLE"))


class Wiring(NamedTuple):
    due: Due
    recurring: Recurring


def build(env: Mapping[str, str], log: Log) -> Wiring:
    settings = Settings.from_env(env)
    dynamodb = client("dynamodb", attempts=4)
    store = DynamoTasks(dynamodb, settings.tasks_table)
    desk = Desk(store, DynamoCatalog(dynamodb, settings.routes_table), backoff)
    recurring = Recurring(DynamoSchedules(dynamodb, settings.tasks_table), desk, log)
    return Wiring(Due(store, Moves(store, backoff), now_s, backoff), recurring)
