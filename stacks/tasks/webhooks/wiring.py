from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stacks.tasks.webhooks import places
from stacks.tasks.webhooks.deliver import Deliver, Lanes, Log
from stacks.tasks.webhooks.post import post
from storage.aws import client
from storage.damage import told
from storage.letters import SqsLetters
from storage.webhooks import DynamoWebhooks, SsmSecrets
from telemetry.clock import now_s
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    tasks_table: str
    secrets: str
    queue: str
    waiting: str
    undelivered: str
    private: bool

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(
            tasks_table=required(env, "TASKS_TABLE"),
            secrets=required(env, "WEBHOOK_SECRETS"),
            queue=required(env, "WEBHOOK_QUEUE"),
            waiting=required(env, "WAITING_QUEUE"),
            undelivered=required(env, "UNDELIVERED_QUEUE"),
            private=required(env, "PRIVATE_WEBHOOKS").lower() == "allow",
        )


def build(env: Mapping[str, str], log: Log) -> Deliver:
    settings, sqs = Settings.from_env(env), client("sqs")
    queues = (settings.queue, settings.waiting, settings.undelivered)
    return Deliver(
        DynamoWebhooks(client("dynamodb"), settings.tasks_table, told(log)),
        SsmSecrets(client("ssm"), settings.secrets),
        Lanes(*(SqsLetters(sqs, queue) for queue in queues)),
        post,
        places.resolve,
        settings.private,
        now_s,
        log,
    )
