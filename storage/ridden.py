"""A trip's pings, from the two places where they stand."""

from __future__ import annotations

from storage.history import HistoryStore
from storage.live import LiveStore
from storage.trips import Trip
from telemetry.history import Sightings
from telemetry.track import united


def pings_of(live: LiveStore, history: HistoryStore, trip: Trip, from_bucket: int = 0) -> Sightings:
    """All of the trip's time; with `from_bucket`, at least those of that bucket and later.

    Raises Unreadable: without the tail some would be missing.
    """
    now = live.get(trip.courier_key)  # before the chunks: what leaves its tail is in them by then
    return united(now, trip.window, history.read(f"{trip.fleet}/{trip.trip}", from_bucket))
