from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stacks.tasks.trips.book import PipelineBook
from stacks.tasks.trips.ride import Rides
from storage.aws import client
from storage.live import DynamoLive
from storage.tasks import DynamoTasks
from storage.trips import DynamoTrips
from storage.windows import DynamoWindows
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    tasks_table: str
    trips_table: str
    windows_table: str
    live_table: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        names = ("TASKS_TABLE", "TRIPS_TABLE", "WINDOWS_TABLE", "LIVE_TABLE")
        return cls(*(required(env, name) for name in names))


def build(env: Mapping[str, str]) -> Rides:
    settings = Settings.from_env(env)
    dynamodb = client("dynamodb")
    book = PipelineBook(
        DynamoTrips(dynamodb, settings.trips_table),
        DynamoWindows(dynamodb, settings.windows_table),
        DynamoLive(dynamodb, settings.live_table),
    )
    return Rides(DynamoTasks(dynamodb, settings.tasks_table), book)
