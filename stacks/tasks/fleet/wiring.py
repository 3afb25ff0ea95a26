from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from stacks.tasks.fleet.hooks import Hooks
from storage.alerts import AlertStore, DynamoAlerts
from storage.aws import client
from storage.damage import Log, told
from storage.webhooks import DynamoWebhooks, SsmSecrets
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    tasks_table: str
    secrets: str
    private: bool

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        private = required(env, "PRIVATE_WEBHOOKS").lower() == "allow"
        return cls(required(env, "TASKS_TABLE"), required(env, "WEBHOOK_SECRETS"), private)


class Wiring(NamedTuple):
    alerts: AlertStore
    hooks: Hooks


def build(env: Mapping[str, str], log: Log) -> Wiring:
    settings, dynamodb = Settings.from_env(env), client("dynamodb")
    hooks = Hooks(
        DynamoWebhooks(dynamodb, settings.tasks_table, told(log)),
        SsmSecrets(client("ssm"), settings.secrets),
        settings.private,
    )
    return Wiring(DynamoAlerts(dynamodb, settings.tasks_table), hooks)
