"""The one place where the dependencies of bulk requests are built."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ingest.bulk.take import Taker
from storage.aws import client
from storage.bulk_files import BulkFiles, S3BulkFiles
from storage.downloads import signing_client
from storage.objects import S3Quarantine
from storage.stream import KinesisStream
from telemetry.settings import required

ATTEMPTS = 7  # at records that the stream refuses: 5 s at most a call, while the request waits


@dataclass(frozen=True, slots=True)
class Settings:
    stream: str
    data_bucket: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(required(env, "STREAM"), required(env, "DATA_BUCKET"))


@dataclass(frozen=True, slots=True)
class Wiring:
    taker: Taker
    files: BulkFiles


@cache
def wire() -> Wiring:
    settings, s3 = Settings.from_env(os.environ), signing_client()
    stream = KinesisStream(client("kinesis", read_s=5), settings.stream, ATTEMPTS)
    taker = Taker(stream, S3Quarantine(s3, settings.data_bucket))
    return Wiring(taker, S3BulkFiles(s3, settings.data_bucket))
