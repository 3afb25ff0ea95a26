"""The clean run: everything once, in the order acknowledged, the tracker over stores in memory."""

from __future__ import annotations

import logging

from processors.track.aside import Aside
from processors.track.track import Tracker
from stacks.tasks.trips.book import PipelineBook
from storage.trips import Trip
from telemetry.live import Live
from telemetry.upload import Upload
from tests.fakes import FakeHistory, FakeLive, FakeQuarantine, FakeRoutes, FakeWindows
from tests.fakes_stacks import FakeTrips
from tests.faults.cast import ROUTES
from tests.faults.check import Observed
from tests.faults.truth import FLEET, Courier, Truth
from tests.kinesis import record, records

QUIET = logging.getLogger("clean")
QUIET.setLevel(logging.CRITICAL)


def clean(truth: Truth, now: float) -> Observed:
    observed = Observed()
    quarantine = FakeQuarantine()
    for courier in truth.couriers.values():
        live, history = run(courier, quarantine, now)
        if live is not None:
            observed.versions[courier.key] = [live]
        observed.chunks |= {at: [*found.values()] for at, found in history.chunks.items()}
    tracker(FakeLive(), FakeWindows(), FakeHistory(), FakeTrips(), quarantine, now).track(
        [record(data, i) for i, data in enumerate(truth.poison, 1)]
    )
    observed.quarantined = set(quarantine.kept) | truth.refused
    return observed


def run(courier: Courier, quarantine: FakeQuarantine, now: float) -> tuple[Live | None, FakeHistory]:
    live, windows, history = FakeLive(), FakeWindows(), FakeHistory()
    trips = FakeTrips()
    tracks = tracker(live, windows, history, trips, quarantine, now)
    book = PipelineBook(trips, windows, live)
    for event in courier.events:
        if window := event.window:
            trip = Trip(
                window.trip, FLEET, courier.name, "task", window.route, window.start_ms, window.end_ms
            )
            (book.start if window.end_ms is None else book.finish)(trip, now)
        else:
            failed = tracks.track(records([Upload.from_bytes(event.upload)]))
            if failed:
                raise RuntimeError("a clean run does not fail")
    return live.items.get(courier.key), history


def tracker(live, windows, history, trips, quarantine, now: float) -> Tracker:
    return Tracker(
        live=live,
        windows=windows,
        history=history,
        routes=FakeRoutes(**ROUTES),
        trips=trips,
        aside=Aside(quarantine),
        clock=lambda: now,
        log=QUIET,
    )
