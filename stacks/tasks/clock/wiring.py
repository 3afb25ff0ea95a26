from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stacks.tasks.clock.clock import Due
from stacks.tasks.moves import Moves
from storage.aws import backoff, client
from storage.tasks import DynamoTasks
from telemetry.clock import now_s
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    tasks_table: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(required(env, "TASKS_TABLE"))


def build(env: Mapping[str, str]) -> Due:
    store = DynamoTasks(client("dynamodb", attempts=4), Settings.from_env(env).tasks_table)
    return Due(store, Moves(store, backoff), now_s, backoff)
