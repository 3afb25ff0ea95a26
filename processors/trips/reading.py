"""A trip as it is read back: by its courier, and by the managers and admins of its fleet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geo.said import say
from processors.trips.asked import Cursor
from storage.damage import Log
from storage.downloads import Downloads
from storage.history import HistoryStore
from storage.live import LiveStore, Unreadable
from storage.ridden import pings_of
from storage.settlements import Settlements, Standing
from telemetry.api import Caller
from telemetry.history import BUCKET_MS, Sighting, Sightings
from telemetry.live import view
from telemetry.problem import Forbidden, NotFound, Unavailable
from telemetry.track import ordered

PROGRESS = ("along_m", "fraction", "offset_m", "state", "lat", "lon", "t", "mock", "implausible")


@dataclass(frozen=True, slots=True)
class TripReader:
    settlements: Settlements
    live: LiveStore
    history: HistoryStore
    downloads: Downloads
    log: Log

    def standing(self, caller: Caller, trip: str) -> Standing:
        """Raises NotFound, also for another fleet's trip, and Forbidden for another courier's."""
        found = self.settlements.standing(trip)
        if found is None or found.trip.fleet != caller.fleet:
            raise NotFound(
                say(
                    "ride-not-found",
                    "There is no trip {trip}; POST /v1/tasks/{{task}}/start answers with its id.",
                    trip=trip,
                )
            )
        if caller.role == "courier" and found.trip.courier != caller.user:
            raise Forbidden(say("ride-of-another", "This is another courier's trip."))
        return found

    def told(self, standing: Standing, now: float) -> dict[str, Any]:
        """The trip's life cycle, its progress while it runs, its record once it is settled."""
        trip, settled = standing.trip, standing.settled
        ended = trip.finished_ms is not None
        return {
            "trip": trip.trip,
            "task": trip.task,
            "route": trip.route,
            "courier": trip.courier,
            "status": "running" if not ended else "settled" if settled else "finished",
            "started_at": trip.started_ms / 1000,
            "finished_at": None if trip.finished_ms is None else trip.finished_ms / 1000,
            "deadline": None if trip.deadline_ms is None else trip.deadline_ms / 1000,
            "progress": None if ended else self._progress(standing, now),
            "settling": standing.due,
            "settled": {
                "revision": settled.revision,
                "settled_at": settled.settled_ms / 1000,
                "digest": settled.digest,
                **settled.record,
            }
            if settled
            else None,
        }

    def _progress(self, standing: Standing, now: float) -> dict[str, Any] | None:
        found = self.live.get_many([standing.trip.courier_key])
        found.tell(self.log)
        live = found.lives.get(standing.trip.courier_key)
        row = view(live, now) if live else {}
        return {name: row[name] for name in PROGRESS} if row.get("trip") == standing.trip.trip else None

    def pings(self, standing: Standing, after: Cursor | None = None) -> Sightings:
        """All of the trip's pings; with `after`, at least those behind it. Raises Unavailable."""
        try:
            return pings_of(self.live, self.history, standing.trip, after[0] // BUCKET_MS if after else 0)
        except Unreadable as error:
            error.tell(self.log)
            raise Unavailable(
                say(
                    "track-not-whole",
                    "The newest positions of {courier} cannot be read, and without them the track is "
                    "not whole; "
                    "tell who runs Milepost, and repeat the request then.",
                    courier=standing.trip.courier,
                )
            ) from error

    def page(
        self, standing: Standing, after: Cursor | None, limit: int
    ) -> tuple[list[Sighting], Cursor | None]:
        """By time, from behind `after` on; and where the next page begins, None at the end."""
        found = ordered(self.pings(standing, after))
        behind = [s for s in found if after is None or (s.ping.t_ms, s.device) > after]
        taken = behind[:limit]
        return taken, (taken[-1].ping.t_ms, taken[-1].device) if len(behind) > limit else None
