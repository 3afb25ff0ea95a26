"""An ended trip is settled: everything that came of it is matched as a whole and summed up.

A row is due from its mark on until a settling that read the pings after that mark is written. A mark in
between wins, since it has a timer of its own. Every step may be done again and changes nothing then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from processors.settle.record import digest_of, make_record
from processors.settle.rest import Resting
from storage.history import HistoryStore
from storage.live import LiveStore
from storage.ridden import pings_of
from storage.routes import RouteStore
from storage.settlements import Settled, Settlements, Standing
from telemetry.clock import Clock
from telemetry.history import Sightings


class Log(Protocol):
    def info(self, msg: str, /, *, extra: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Settler:
    settlements: Settlements
    live: LiveStore
    history: HistoryStore
    routes: RouteStore
    resting: Resting
    clock: Clock
    log: Log

    def settle(self, trip: str) -> bool:
        """Whether the trip has a new record now. Raises RouteMissing and what the stores raise."""
        standing = self.settlements.standing(trip)
        if standing is None or not standing.due:
            return False
        # Before the record, so that a crash in between finds the trip still due.
        self.resting.rest(standing.trip.fleet, standing.trip.courier)
        settled = self._made(standing, pings_of(self.live, self.history, standing.trip))
        if not self.settlements.settle(standing, settled):
            self.log.info("marked or settled meanwhile", extra={"trip": trip, "marks": standing.marks})
            return False
        if settled:
            told = {"trip": trip, "revision": settled.revision, "pings": settled.record["quality"]["pings"]}
            self.log.info("settled", extra=told)
        return settled is not None

    def _made(self, standing: Standing, pings: Sightings) -> Settled | None:
        """None where the pings are those that the trip was settled from."""
        trip, before = standing.trip, standing.settled
        digest = digest_of(trip, pings)
        if before and before.digest == digest:
            return None
        route = self.routes.load(trip.fleet, trip.route)
        record = make_record(trip, route, pings, route.stops)
        revision = before.revision + 1 if before else 1
        return Settled(revision, digest, round(self.clock() * 1000), record)
