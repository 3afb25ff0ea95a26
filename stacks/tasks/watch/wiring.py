from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from geo.arrival import arrival_m
from stacks.tasks.moves import Moves
from stacks.tasks.trips.book import PipelineBook
from stacks.tasks.watch.sweep import Ends, Log, Settled, Sweep
from storage.alerts import DynamoAlerts
from storage.aws import backoff, client
from storage.catalog import Catalog, DynamoCatalog
from storage.damage import told
from storage.live import DynamoLive
from storage.settlements import DynamoSettlements, Settlements
from storage.tasks import DynamoTasks
from storage.trips import DynamoTrips
from storage.windows import DynamoWindows
from telemetry.clock import now_s
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    tasks_table: str
    routes_table: str
    live_table: str
    trips_table: str
    windows_table: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        names = ("TASKS_TABLE", "ROUTES_TABLE", "LIVE_TABLE", "TRIPS_TABLE", "WINDOWS_TABLE")
        return cls(*(required(env, name) for name in names))


def build(env: Mapping[str, str], log: Log) -> Sweep:
    settings, dynamodb = Settings.from_env(env), client("dynamodb", attempts=4)
    live = DynamoLive(dynamodb, settings.live_table)
    trips = DynamoTrips(dynamodb, settings.trips_table)
    return Sweep(
        DynamoAlerts(dynamodb, settings.tasks_table, told(log)),
        live,
        Moves(DynamoTasks(dynamodb, settings.tasks_table), backoff),
        PipelineBook(trips, DynamoWindows(dynamodb, settings.windows_table), live),
        ends(DynamoCatalog(dynamodb, settings.routes_table)),
        settled(DynamoSettlements(dynamodb, settings.trips_table)),
        now_s,
        log,
    )


def ends(catalog: Catalog) -> Ends:
    """Remembered: a published route never changes."""

    @lru_cache(maxsize=4096)
    def found(fleet: str, route: str) -> float | None:
        known = catalog.get(fleet, route)
        return arrival_m(known.length_m, known.stops) if known else None

    return found


def settled(settlements: Settlements) -> Settled:
    def found(trip: str) -> float | None:
        standing = settlements.standing(trip)
        return (
            float(standing.settled.record["progress"]["along_m"]) if standing and standing.settled else None
        )

    return found
