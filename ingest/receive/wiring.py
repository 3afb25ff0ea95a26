"""The one place where receive's dependencies are built."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ingest.receive.known import KnownDevices
from ingest.receive.limits import Buckets, Limits, Log, Rate
from ingest.receive.receive import Receiver
from storage.aws import client
from storage.devices import DynamoDevices
from storage.objects import S3Quarantine
from storage.stream import KinesisStream
from telemetry.clock import now_s
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    stream: str
    devices_table: str
    data_bucket: str
    device_rate: Rate
    fleet_rate: Rate

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        def rate(per_s: str, burst: str) -> Rate:
            return Rate(float(required(env, per_s)), float(required(env, burst)))

        return cls(
            required(env, "STREAM"),
            required(env, "DEVICES_TABLE"),
            required(env, "DATA_BUCKET"),
            rate("DEVICE_UPLOADS_PER_S", "DEVICE_UPLOADS_BURST"),
            rate("FLEET_UPLOADS_PER_S", "FLEET_UPLOADS_BURST"),
        )


@dataclass(frozen=True, slots=True)
class Wiring:
    receiver: Receiver
    devices: KnownDevices
    limits: Limits


@cache
def wire(log: Log) -> Wiring:
    settings = Settings.from_env(os.environ)
    receiver = Receiver(
        KinesisStream(client("kinesis"), settings.stream),
        S3Quarantine(client("s3"), settings.data_bucket),
        now_s,
    )
    devices = KnownDevices(DynamoDevices(client("dynamodb"), settings.devices_table).find, now_s)
    limits = Limits(Buckets(settings.device_rate, now_s), Buckets(settings.fleet_rate, now_s), now_s, log)
    return Wiring(receiver, devices, limits)
