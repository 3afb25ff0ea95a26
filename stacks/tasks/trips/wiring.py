from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from stacks.tasks.moves import Moves
from stacks.tasks.trips.book import PipelineBook
from stacks.tasks.trips.lists import Lists
from stacks.tasks.trips.ride import Rides
from storage.aws import backoff, client
from storage.damage import Log, told
from storage.live import DynamoLive
from storage.tasks import DynamoTasks, TaskStore
from storage.trips import DynamoTrips
from storage.users import DynamoUsers
from storage.windows import DynamoWindows
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    """open_claims: how many open trips a courier may have."""

    tasks_table: str
    trips_table: str
    windows_table: str
    live_table: str
    users_table: str
    open_claims: int

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(
            required(env, "TASKS_TABLE"),
            required(env, "TRIPS_TABLE"),
            required(env, "WINDOWS_TABLE"),
            required(env, "LIVE_TABLE"),
            required(env, "USERS_TABLE"),
            int(required(env, "OPEN_CLAIMS")),
        )


class Wiring(NamedTuple):
    rides: Rides
    lists: Lists
    store: TaskStore


def build(env: Mapping[str, str], log: Log) -> Wiring:
    settings = Settings.from_env(env)
    dynamodb = client("dynamodb")
    store = DynamoTasks(dynamodb, settings.tasks_table, told(log))
    book = PipelineBook(
        DynamoTrips(dynamodb, settings.trips_table),
        DynamoWindows(dynamodb, settings.windows_table),
        DynamoLive(dynamodb, settings.live_table),
    )
    people = DynamoUsers(dynamodb, settings.users_table)
    rides = Rides(store, Moves(store, backoff), book, people, settings.open_claims)
    return Wiring(rides, Lists(store), store)
