"""The one place where track's dependencies are built."""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from processors.track.aside import Aside, Log
from processors.track.track import Tracker
from storage.aws import client
from storage.history import DynamoHistory
from storage.live import DynamoLive
from storage.objects import S3Quarantine
from storage.routes import S3Routes
from storage.trips import DynamoTrips
from storage.windows import DynamoWindows
from telemetry.clock import now_s
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    live_table: str
    windows_table: str
    history_table: str
    data_bucket: str
    trips_table: str
    live_writes: str
    """`batch`: statements in batches; `each`: item by item."""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        names = ("LIVE_TABLE", "WINDOWS_TABLE", "HISTORY_TABLE", "DATA_BUCKET", "TRIPS_TABLE", "LIVE_WRITES")
        return cls(*(required(env, name) for name in names))


def calm_collector() -> None:
    """Look for cycles seldom, and not among what lives as long as the worker: a batch makes tens of thousands
    of objects and hardly a cycle, and looking at each cost a sixth of the processor's time. What starting
    left in cycles is kept with the rest: 600 objects of 100,000, and finding them takes 30 ms.
    """
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    gc.enable()


@cache
def wire(log: Log) -> Tracker:
    settings = Settings.from_env(os.environ)
    # Nobody waits for a batch: rather try again here than have the whole batch delivered again.
    dynamodb, s3 = (client(service, attempts=4, read_s=5) for service in ("dynamodb", "s3"))
    tracker = Tracker(
        live=DynamoLive(dynamodb, settings.live_table, batched=settings.live_writes == "batch"),
        windows=DynamoWindows(dynamodb, settings.windows_table),
        history=DynamoHistory(dynamodb, settings.history_table),
        routes=S3Routes(s3, settings.data_bucket),
        trips=DynamoTrips(dynamodb, settings.trips_table),
        aside=Aside(S3Quarantine(s3, settings.data_bucket)),
        clock=now_s,
        log=log,
    )
    calm_collector()
    return tracker
