from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from geo.arrival import arrival_m
from stacks.tasks.moves import Moves
from stacks.tasks.watch.sweep import Ends, Log, Sweep
from storage.alerts import DynamoAlerts
from storage.aws import backoff, client
from storage.catalog import Catalog, DynamoCatalog
from storage.live import DynamoLive
from storage.tasks import DynamoTasks
from telemetry.clock import now_s
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    tasks_table: str
    routes_table: str
    live_table: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(required(env, "TASKS_TABLE"), required(env, "ROUTES_TABLE"), required(env, "LIVE_TABLE"))


def build(env: Mapping[str, str], log: Log) -> Sweep:
    settings, dynamodb = Settings.from_env(env), client("dynamodb", attempts=4)
    return Sweep(
        DynamoAlerts(dynamodb, settings.tasks_table),
        DynamoLive(dynamodb, settings.live_table),
        Moves(DynamoTasks(dynamodb, settings.tasks_table), backoff),
        ends(DynamoCatalog(dynamodb, settings.routes_table)),
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
