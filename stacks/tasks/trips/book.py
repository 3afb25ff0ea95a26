"""What the pipeline must know of a trip before a step of its life is answered: whose time is whose.

Every step may be done again, by a repeated request or by one that was overtaken, and changes nothing then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from geo.said import say
from storage import tasks
from storage.live import LiveStore, Raced, Unreadable, change_live
from storage.trips import Trip, TripStore
from storage.windows import WindowStore
from telemetry.live import Live
from telemetry.problem import Unavailable


class Book(Protocol):
    def follow(self, trip: tasks.Trip, now: float) -> None:
        """Have the pipeline know what has happened to the trip so far: that it started, that it ended.

        now: Unix seconds, the first version of a live item made here. Raises Unavailable.
        """


class PipelineBook:
    """Window, then live item, then the trip's row: a row says that the others are there."""

    def __init__(self, trips: TripStore, windows: WindowStore, live: LiveStore) -> None:
        self._trips = trips
        self._windows = windows
        self._live = live

    def follow(self, trip: tasks.Trip, now: float) -> None:
        if trip.started_ms is None:
            return
        begun = Trip(
            trip.trip,
            trip.fleet,
            trip.courier,
            trip.task,
            trip.route,
            trip.started_ms,
            None,
            trip.deadline_ms,
        )
        if trip.ended_ms is None:
            self.start(begun, now)
            return
        known = self._trips.get(trip.trip)
        if known is None:
            self.start(begun, now)
        if known is None or known.finished_ms is None:
            self.finish(replace(begun, finished_ms=trip.ended_ms), now)

    def start(self, trip: Trip, now: float) -> None:
        window = trip.window
        self._windows.open(trip.courier_key, window)

        def opened(live: Live) -> Live:
            # A start that was overtaken by its own finish must not open the window again.
            known = any(w.start_ms == window.start_ms for w in live.windows)
            return live if known else live.with_window(window)

        self._change(trip, now, opened)
        self._trips.start(trip)

    def finish(self, trip: Trip, now: float) -> None:
        window = trip.window
        self._windows.close(trip.courier_key, window)
        self._change(trip, now, lambda live: live.with_window(window))
        self._trips.finish(trip)

    def _change(self, trip: Trip, now: float, change: Callable[[Live], Live]) -> None:
        # An expired live item forgot the courier's windows; one made here has them from the table.
        windows = tuple(self._windows.newest(trip.courier_key))
        fresh = Live(trip.fleet, trip.courier, version=round(now * 1000), windows=windows)
        try:
            change_live(self._live, fresh, change)
        except Raced as race:
            raise Unavailable(
                say("uploads-between", "The courier's uploads came in between; repeat the request.")
            ) from race
        except Unreadable as error:  # written over, its newest pings would be lost
            raise Unavailable(
                say(
                    "live-unreadable",
                    "The step is kept, but what the pipeline knows of {courier} cannot be read and so not be "
                    "changed; tell who runs Milepost, and repeat the request then.",
                    courier=trip.courier,
                )
            ) from error
