"""The one place where the dependencies of the function that takes bulk files are built."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ingest.bulk.files.work import Worker
from ingest.bulk.take import Taker
from storage.aws import client
from storage.bulk_files import S3BulkFiles
from storage.later import Later, SqsLater
from storage.objects import S3Quarantine
from storage.stream import KinesisStream
from telemetry.settings import required

ATTEMPTS = 30  # at records that the stream refuses: nobody waits, and a full shard is half a minute's matter


@dataclass(frozen=True, slots=True)
class Settings:
    stream: str
    data_bucket: str
    queue: str
    turn_s: float

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(
            required(env, "STREAM"),
            required(env, "DATA_BUCKET"),
            required(env, "BULK_QUEUE"),
            float(required(env, "BULK_TURN_SECONDS")),
        )


@dataclass(frozen=True, slots=True)
class Wiring:
    """turn_s: a file's time at once; then it goes behind what waits."""

    worker: Worker
    queue: Later
    turn_s: float


@cache
def wire() -> Wiring:
    settings, s3 = Settings.from_env(os.environ), client("s3", attempts=4, read_s=10)
    stream = KinesisStream(client("kinesis", attempts=4, read_s=10), settings.stream, ATTEMPTS)
    taker = Taker(stream, S3Quarantine(s3, settings.data_bucket))
    worker = Worker(S3BulkFiles(s3, settings.data_bucket), taker)
    return Wiring(worker, SqsLater(client("sqs", attempts=4), settings.queue), settings.turn_s)
