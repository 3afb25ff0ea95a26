from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stacks.tasks.webhooks import places
from stacks.tasks.webhooks.deliver import Deliver, Log
from stacks.tasks.webhooks.post import post
from storage.aws import client
from storage.letters import SqsLetters
from storage.webhooks import DynamoWebhooks, SsmSecrets
from telemetry.clock import now_s
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    tasks_table: str
    secrets: str
    queue: str
    private: bool

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        private = required(env, "PRIVATE_WEBHOOKS").lower() == "allow"
        table, queue = required(env, "TASKS_TABLE"), required(env, "WEBHOOK_QUEUE")
        return cls(table, required(env, "WEBHOOK_SECRETS"), queue, private)


def build(env: Mapping[str, str], log: Log) -> Deliver:
    settings = Settings.from_env(env)
    return Deliver(
        DynamoWebhooks(client("dynamodb"), settings.tasks_table),
        SsmSecrets(client("ssm"), settings.secrets),
        SqsLetters(client("sqs"), settings.queue),
        post,
        places.resolve,
        settings.private,
        now_s,
        log,
    )
