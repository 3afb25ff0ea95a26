"""A trip under way as the sweep meets it: rows and live items of chosen states."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from geo.state import OFF_ROUTE, MatchState
from storage.alerts import Alert, Watch
from storage.tasks import Bonus, Courier, Trip
from telemetry.alerts import Kind
from telemetry.live import Live, Window
from tests.fakes_stacks import FakeTasks
from tests.matching import state

T0 = 1_795_492_800.0
LENGTH_M = 5_000.0


def match(
    t: float, along_m: float = 100.0, *, off: bool = False, still_s: float = 0.0, pace: float = 5.0
) -> MatchState:
    """Of a courier who is as far as they have been."""
    done = round(along_m * 100)
    return state(
        t=t, along=done, reached=done, offset=9_000 if off else 300, confidence=255,
        flags=OFF_ROUTE if off else 0, still=round(still_s * 10), pace=round(pace * 100),
    )  # fmt: skip


def live(trip: Trip, place: MatchState, battery: int | None = None) -> Live:
    window = Window(trip.trip, trip.route, trip.started_ms or 0)
    return Live(
        trip.fleet, trip.courier, 1, (window,), trip.trip, place, LENGTH_M, battery=battery
    )  # fmt: skip


def trip(name: str = "tr_0000000000000001", courier: str = "mei", **but: Any) -> Trip:
    ms = round(T0 * 1000)
    usual: dict[str, Any] = {
        "fleet": "demo", "trip": name, "task": "tk_0000000000000001", "courier": courier, "title": "Milk",
        "route": "lap@1", "bonus": Bonus("1", "CNY"), "claimed_ms": ms, "start_until_ms": ms + 3_600_000,
        "deadline_ms": ms + 7_200_000, "state": "started", "started_ms": ms, "rev": 2,
    }  # fmt: skip
    return Trip(**(usual | but))


def ridden(tasks: FakeTasks, *trips: Trip) -> None:
    """Trips that have been claimed and started, as the transaction leaves them that starts one."""
    for it in trips:
        tasks.trips[it.fleet, it.trip] = it
        tasks.lines[it.fleet, it.trip] = []
        tasks.couriers[it.fleet, it.courier] = Courier(1, it.trip)
        if it.started_ms is not None:
            tasks.watches[it.fleet, it.trip] = Watch(it.fleet, it.trip, rev=1)


def alert(name: str = "al_0000000000000001", kind: Kind = "silent", **but: Any) -> Alert:
    it = trip()
    facts = {"heard_at": T0}
    of = (it.trip, it.task, it.courier, it.title, it.route)
    return replace(Alert("demo", name, kind, *of, round(T0 * 1000) + 400_000, facts), **but)
