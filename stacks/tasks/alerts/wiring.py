from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from storage.alerts import AlertStore, DynamoAlerts
from storage.aws import client
from storage.damage import Log, told
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    tasks_table: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(required(env, "TASKS_TABLE"))


def build(env: Mapping[str, str], log: Log) -> AlertStore:
    return DynamoAlerts(client("dynamodb"), Settings.from_env(env).tasks_table, told(log))
