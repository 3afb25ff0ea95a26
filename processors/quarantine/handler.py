"""Batches that Lambda gave up → their records in the data bucket. Answers which messages to send again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from processors.quarantine import message
from processors.quarantine.copy import Copier
from storage.aws import client
from storage.failed import S3FailedRecords
from storage.shards import KinesisShards
from telemetry.settings import required

if TYPE_CHECKING:
    from collections.abc import Mapping

log = Logger()


@dataclass(frozen=True, slots=True)
class Settings:
    data_bucket: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(required(env, "DATA_BUCKET"))


@cache
def wire() -> Copier:
    settings = Settings.from_env(os.environ)
    # Nobody waits: a throttled shard is asked again with growing pauses, and then the message comes again.
    kinesis, s3 = client("kinesis", attempts=8, read_s=10), client("s3", attempts=4, read_s=10)
    return Copier(KinesisShards(kinesis), S3FailedRecords(s3, settings.data_bucket), log)


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    failed = []
    for record in event["Records"]:
        try:
            wire().copy(message.read(record["body"]))
        except Exception:  # one message's trouble is not its neighbours'
            log.exception("a batch's records were not copied; its message will come again")
            failed.append(record["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}
