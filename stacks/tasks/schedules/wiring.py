from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from stacks.tasks.once import Answers
from stacks.tasks.schedules.schedules import Schedules
from stacks.tasks.tasks.desk import Desk
from storage.aws import backoff, client
from storage.catalog import DynamoCatalog
from storage.damage import Log, told
from storage.tasks import DynamoSchedules, DynamoTasks
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    tasks_table: str
    routes_table: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(required(env, "TASKS_TABLE"), required(env, "ROUTES_TABLE"))


class Wiring(NamedTuple):
    schedules: Schedules
    answers: Answers


def build(env: Mapping[str, str], log: Log) -> Wiring:
    settings = Settings.from_env(env)
    dynamodb = client("dynamodb")
    catalog = DynamoCatalog(dynamodb, settings.routes_table)
    tasks = DynamoTasks(dynamodb, settings.tasks_table)
    schedules = DynamoSchedules(dynamodb, settings.tasks_table, told(log))
    return Wiring(Schedules(schedules, Desk(tasks, catalog, backoff)), tasks)
