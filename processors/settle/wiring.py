"""The one place where settle's dependencies are built."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from processors.settle.rest import Resting
from processors.settle.settle import Log, Settler
from storage.aws import client
from storage.history import DynamoHistory
from storage.live import DynamoLive
from storage.objects import S3Quarantine
from storage.routes import S3Routes
from storage.settlements import DynamoSettlements
from telemetry.clock import now_s
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    trips_table: str
    live_table: str
    history_table: str
    data_bucket: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        names = ("TRIPS_TABLE", "LIVE_TABLE", "HISTORY_TABLE", "DATA_BUCKET")
        return cls(*(required(env, name) for name in names))


@cache
def wire(log: Log) -> Settler:
    settings = Settings.from_env(os.environ)
    dynamodb, s3 = (client(service, attempts=4, read_s=5) for service in ("dynamodb", "s3"))
    live, history = DynamoLive(dynamodb, settings.live_table), DynamoHistory(dynamodb, settings.history_table)
    return Settler(
        settlements=DynamoSettlements(dynamodb, settings.trips_table),
        live=live,
        history=history,
        routes=S3Routes(s3, settings.data_bucket),
        resting=Resting(live, history, S3Quarantine(s3, settings.data_bucket)),
        clock=now_s,
        log=log,
    )
