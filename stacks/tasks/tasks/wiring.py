from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stacks.tasks.tasks.desk import Desk
from storage.aws import client
from storage.catalog import DynamoCatalog
from storage.tasks import DynamoTasks
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    tasks_table: str
    routes_table: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(required(env, "TASKS_TABLE"), required(env, "ROUTES_TABLE"))


def build(env: Mapping[str, str]) -> Desk:
    settings = Settings.from_env(env)
    dynamodb = client("dynamodb")
    tasks = DynamoTasks(dynamodb, settings.tasks_table)
    return Desk(tasks, DynamoCatalog(dynamodb, settings.routes_table))
