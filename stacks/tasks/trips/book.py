"""What the pipeline must know of a trip before its start or finish is answered.

Every step may be done again, by a repeated request or by one that was overtaken, and changes nothing then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from storage.live import LiveStore, Raced, change_live
from storage.trips import Trip, TripStore
from storage.windows import WindowStore
from telemetry.live import Live, Window
from telemetry.problem import Unavailable
from telemetry.upload import courier_key


class Book(Protocol):
    def trip(self, trip: str) -> Trip | None: ...

    def start(self, trip: Trip, now: float) -> None:
        """now: Unix seconds, the first version of a live item made here."""

    def finish(self, trip: Trip, now: float) -> None: ...


class PipelineBook:
    """Window, then live item, then the trip's row: a row says that the others are there."""

    def __init__(self, trips: TripStore, windows: WindowStore, live: LiveStore) -> None:
        self._trips = trips
        self._windows = windows
        self._live = live

    def trip(self, trip: str) -> Trip | None:
        return self._trips.get(trip)

    def start(self, trip: Trip, now: float) -> None:
        window = _window(trip)
        self._windows.open(courier_key(trip.fleet, trip.courier), window)

        def opened(live: Live) -> Live:
            # A start that was overtaken by its own finish must not open the window again.
            known = any(w.start_ms == window.start_ms for w in live.windows)
            return live if known else live.with_window(window)

        self._change(trip, now, opened)
        self._trips.start(trip)

    def finish(self, trip: Trip, now: float) -> None:
        window = _window(trip)
        self._windows.close(courier_key(trip.fleet, trip.courier), window)
        self._change(trip, now, lambda live: live.with_window(window))
        self._trips.finish(trip)

    def _change(self, trip: Trip, now: float, change: Callable[[Live], Live]) -> None:
        # An expired live item forgot the courier's windows; one made here has them from the table.
        windows = tuple(self._windows.newest(courier_key(trip.fleet, trip.courier)))
        fresh = Live(trip.fleet, trip.courier, version=round(now * 1000), windows=windows)
        try:
            change_live(self._live, fresh, change)
        except Raced as race:
            raise Unavailable("The courier's uploads came in between; repeat the request.") from race


def _window(trip: Trip) -> Window:
    return Window(trip.trip, trip.route, trip.started_ms, trip.finished_ms)
