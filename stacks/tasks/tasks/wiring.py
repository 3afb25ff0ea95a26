from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from stacks.tasks.tasks.claim import Claims
from stacks.tasks.tasks.desk import Desk
from storage.aws import backoff, client
from storage.catalog import DynamoCatalog
from storage.damage import Log, told
from storage.tasks import DynamoOpenTasks, DynamoTasks, OpenTasks, TaskStore
from storage.users import DynamoUsers
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    """open_claims: how many open trips a courier may have."""

    tasks_table: str
    routes_table: str
    users_table: str
    open_claims: int

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(
            required(env, "TASKS_TABLE"),
            required(env, "ROUTES_TABLE"),
            required(env, "USERS_TABLE"),
            int(required(env, "OPEN_CLAIMS")),
        )


class Wiring(NamedTuple):
    desk: Desk
    claims: Claims
    store: TaskStore
    near: OpenTasks


def build(env: Mapping[str, str], log: Log) -> Wiring:
    settings = Settings.from_env(env)
    dynamodb = client("dynamodb")
    tasks = DynamoTasks(dynamodb, settings.tasks_table, told(log))
    catalog = DynamoCatalog(dynamodb, settings.routes_table)
    people = DynamoUsers(dynamodb, settings.users_table)
    desk, claims = Desk(tasks, catalog, backoff), Claims(tasks, people, settings.open_claims, backoff)
    return Wiring(desk, claims, tasks, DynamoOpenTasks(dynamodb, settings.tasks_table, told(log)))
