from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from stacks.tasks.moves import Moves
from stacks.tasks.payouts.approval import Approval
from stacks.tasks.payouts.batch import Payouts
from storage.aws import backoff, client
from storage.payouts import DynamoPayouts, PayoutStore
from storage.tasks import DynamoTasks, TaskStore
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    tasks_table: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(required(env, "TASKS_TABLE"))


class Wiring(NamedTuple):
    moves: Moves
    approval: Approval
    payouts: Payouts
    store: PayoutStore
    tasks: TaskStore


def build(env: Mapping[str, str]) -> Wiring:
    settings, dynamodb = Settings.from_env(env), client("dynamodb")
    tasks = DynamoTasks(dynamodb, settings.tasks_table)
    return wired(tasks, DynamoPayouts(dynamodb, settings.tasks_table), Moves(tasks, backoff))


def wired(tasks: TaskStore, store: PayoutStore, moves: Moves) -> Wiring:
    return Wiring(moves, Approval(moves), Payouts(moves, store), store, tasks)
