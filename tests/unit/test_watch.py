"""The sweep: what raises an alert, what closes it, and what it does to trips."""

from __future__ import annotations

import logging
from dataclasses import replace
from types import SimpleNamespace

import pytest

from geo.arrival import Stop, arrival_m
from stacks.tasks.moves import SYSTEM, Actor, Moves
from stacks.tasks.trips.book import PipelineBook
from stacks.tasks.trips.ride import Asked, Rides
from stacks.tasks.watch.judge import Seen, judge
from stacks.tasks.watch.sweep import Sweep
from storage.damage import Damaged
from storage.tasks import Courier
from telemetry.alerts import KINDS, THRESHOLDS, Rules
from tests.fakes import FakeLive, FakeWindows
from tests.fakes_alerts import FakeAlerts
from tests.fakes_stacks import FakeTasks, FakeTrips, FakeUsers
from tests.watching import LENGTH_M, T0, live, match, ridden, trip

NOW = T0 + 1_000
ENDS_M = LENGTH_M - 40
ALL = Rules()


def kinds(place=None, *, held=(), rules=ALL, now=NOW, battery=None, told=(), **but):
    it = trip(**but)
    seen = Seen(it, live(it, place, battery) if place else None, ENDS_M, now, frozenset(told))
    return set(judge(seen, rules, held))


def test_a_courier_on_the_way_raises_nothing() -> None:
    assert kinds(match(NOW - 10)) == set()


def test_off_the_route_and_back() -> None:
    assert kinds(match(NOW - 10, off=True)) == {"off_route"}
    assert kinds(match(NOW - 10), held={"off_route"}) == set()


def test_what_cannot_be_told_stays_as_it_is() -> None:
    """Two minutes without a ping: nobody knows where they are."""
    assert kinds(match(NOW - 130, off=True)) == set()
    assert kinds(match(NOW - 130), held={"off_route", "stalled"}) == {"off_route", "stalled"}


def test_a_stand_of_three_minutes() -> None:
    assert kinds(match(NOW - 10, still_s=170)) == set()
    assert kinds(match(NOW - 10, still_s=181)) == {"stalled"}


def test_silence_begins_with_the_threshold() -> None:
    assert kinds(match(NOW - 299)) == set()
    assert kinds(match(NOW - 301)) == {"silent"}
    assert kinds(match(NOW - 301), rules=Rules(silent_after_s=600)) == set()
    assert kinds(now=T0 + 301) == {"silent"}  # not one ping since the start


def test_late_by_the_arrival_time_and_by_the_clock() -> None:
    """At 100 of 5,000 m and 5 m/s, 980 s remain."""
    due = round((NOW - 10 + 980) * 1000)
    assert kinds(match(NOW - 10), deadline_ms=due - 299_000) == set()
    assert kinds(match(NOW - 10), deadline_ms=due - 301_000) == {"late"}
    assert kinds(match(NOW - 10), deadline_ms=due - 1_000, held={"late"}) == {"late"}
    assert kinds(match(NOW - 10), deadline_ms=due + 1_000, held={"late"}) == set()
    assert kinds(match(NOW - 10, off=True), deadline_ms=round((NOW - 301) * 1000)) == {"off_route", "late"}


def test_a_battery_that_goes_down_and_up() -> None:
    assert kinds(match(NOW - 10), battery=15) == set()
    assert kinds(match(NOW - 10), battery=14) == {"low_battery"}
    assert kinds(match(NOW - 10), battery=19, held={"low_battery"}) == {"low_battery"}
    assert kinds(match(NOW - 10), battery=20, held={"low_battery"}) == set()
    assert kinds(match(NOW - 10), held={"low_battery"}) == {"low_battery"}  # no upload tells it


def test_who_has_arrived_is_neither_silent_nor_off_the_route_nor_late() -> None:
    there = match(NOW - 900, ENDS_M + 1, off=True)
    assert kinds(there, deadline_ms=0, battery=1, held=set(KINDS)) == {"arrived"}


def test_a_pause_is_neither_a_stand_nor_a_silence() -> None:
    assert kinds(match(NOW - 400, still_s=900), state="paused", paused_ms=1) == set()


def test_a_trip_that_has_ended_has_nothing_but_its_finish() -> None:
    ended = {"state": "finished", "ended_ms": round((NOW - 60) * 1000)}
    assert kinds(match(NOW - 900, off=True), held=set(KINDS), told=set(KINDS), **ended) == {"finished"}
    assert kinds(match(NOW), held={"finished"}, told={"finished"}, now=NOW + 3_600, **ended) == set()
    assert kinds(match(NOW), held={"finished"}, told={"finished"}, state="settled") == set()


@pytest.mark.parametrize("state", ["finished", "settled", "paid"])
def test_a_finish_and_an_arrival_that_nobody_saw_are_told_once_all_the_same(state) -> None:
    ended = {"state": state, "ended_ms": round((NOW - 9_000) * 1000)}
    there = match(NOW - 9_001, ENDS_M + 1)
    assert kinds(there, **ended) == {"arrived", "finished"}
    assert kinds(match(NOW - 9_001), **ended) == {"finished"}
    told = {"arrived", "finished"}
    assert kinds(there, told=told, held=told, **ended) == kinds(there, told=told, **ended) == set()
    assert kinds(there, state="cancelled") == set()


def test_a_fleet_chooses_its_kinds() -> None:
    assert kinds(match(NOW - 301), rules=Rules(frozenset({"late"})), held={"silent"}) == set()


def test_the_defaults_lie_within_what_a_fleet_may_set() -> None:
    assert all(it.low <= it.default <= it.high for it in THRESHOLDS.values())


@pytest.mark.parametrize(
    ("stops", "metres"),
    [
        ([], 960.0),
        ([Stop("depot", 0, 0, 80.0, 990.0)], 910.0),  # the end lies within its radius
        ([Stop("last of five", 0, 0, 50.0, 700.0)], 960.0),  # the route goes on behind it
        ([Stop("wide", 0, 0, 900.0, 1000.0)], 500.0),  # never in the first half
    ],
)
def test_the_end_is_where_the_last_stop_is_or_the_route(stops, metres) -> None:
    assert arrival_m(1000.0, stops) == metres


@pytest.fixture
def desk():
    tasks = FakeTasks()
    alerts, store = FakeAlerts(tasks), FakeLive()
    now = [NOW]
    moves = Moves(tasks, lambda: range(5))
    book = PipelineBook(FakeTrips(), FakeWindows(), store)
    sweep = Sweep(
        alerts, store, moves, book, lambda *_: ENDS_M, lambda _: None, lambda: now[0], logging.getLogger()
    )
    ridden(tasks, trip())
    book.follow(trip(), T0)
    return tasks, alerts, store, sweep, now


def put(store: FakeLive, it) -> None:
    store.items[f"{it.fleet}/{it.courier}"] = it


def swept(sweep: Sweep):
    return sweep.run(range(8))


def test_an_arrival_is_proposed_once_and_not_again_after_a_dispute(desk) -> None:
    tasks, alerts, store, sweep, _now = desk
    put(store, live(trip(), match(NOW - 20, ENDS_M + 1)))
    assert swept(sweep).proposed == 1
    assert tasks.trips["demo", trip().trip].proposed_ms == (NOW - 20) * 1000
    assert swept(sweep).proposed == 0
    mei = Actor("mei", "courier")
    sweep.moves.apply("demo", trip().trip, "dispute", mei, 0, lambda *_: {"proposed_ms": None})
    assert swept(sweep).proposed == 0
    (alert,) = alerts.alerts.values()
    assert (alert.kind, alert.state) == ("arrived", "open")
    assert alert.facts["along_m"] == ENDS_M + 1


def test_who_is_silent_for_hours_has_abandoned_the_trip(desk) -> None:
    tasks, alerts, store, sweep, now = desk
    put(store, live(trip(), match(NOW)))
    now[0] = NOW + THRESHOLDS["abandon_after_s"].default + 1
    assert swept(sweep).abandoned == 1
    (line,) = tasks.lines["demo", trip().trip]
    assert (line.action, line.by, line.note) == ("abandon", "system", "silent for 240 min")
    assert swept(sweep).abandoned == 0
    assert {it.kind for it in alerts.alerts.values()} == {"silent", "late"}
    # Found at the bottom of a bag, and finished after all.
    finished = {"ended_ms": round(now[0] * 1000)}
    sweep.moves.apply("demo", trip().trip, "finish", Actor("mei", "courier"), 0, lambda *_: finished)
    assert (swept(sweep).closed, swept(sweep).closed) == (2, 0)
    assert [it.kind for it in alerts.page("demo", "open", None, 9)] == ["finished"]
    now[0] += 3_601
    assert swept(sweep).closed == 1
    assert alerts.watches["demo", trip().trip].over
    assert swept(sweep).trips == 0


@pytest.mark.parametrize("state", ["abandoned", "paused"])
def test_who_takes_the_trip_up_again_has_time_to_send_the_first_ping(desk, state) -> None:
    """The phone was dead for five hours; its first upload comes a minute after the courier's resumption."""
    tasks, _, store, sweep, now = desk
    put(store, live(trip(), match(NOW)))
    tasks.trips.clear()
    ridden(tasks, replace(trip(), state=state))
    now[0] = NOW + 5 * 3_600
    Rides(tasks, sweep.moves, SimpleNamespace(follow=lambda *_: None), FakeUsers(), 3).resume(
        Asked("demo", Actor("mei", "courier"), now[0]), trip().trip
    )
    now[0] += 30
    assert swept(sweep).abandoned == 0
    assert tasks.trips["demo", trip().trip].state == "started"
    now[0] += THRESHOLDS["abandon_after_s"].default
    assert swept(sweep).abandoned == 1


def test_a_ping_that_came_just_now_keeps_the_trip(desk) -> None:
    tasks, _, store, sweep, now = desk
    now[0] = NOW + THRESHOLDS["abandon_after_s"].default + 1
    put(store, live(trip(), match(NOW)))
    stale = store.get

    def read(key):
        put(store, live(trip(), match(now[0])))
        return stale(key)

    store.get = read
    assert swept(sweep).abandoned == 0
    assert tasks.trips["demo", trip().trip].state == "started"


def test_a_start_that_crashed_half_way_is_known_to_the_pipeline_at_the_next_sweep(desk) -> None:
    """The courier sees the trip started, and does not ask again."""
    tasks, _, store, sweep, _ = desk
    other = trip("tr_0000000000000002", "wang")
    ridden(tasks, other)
    swept(sweep)
    assert store.items["demo/wang"].active().trip == other.trip
    version = store.items["demo/wang"].version
    swept(sweep)
    assert store.items["demo/wang"].version == version


@pytest.mark.parametrize(("action", "by"), [("finish", "courier"), ("cancel", "manager")])
def test_an_end_that_crashed_half_way_is_known_to_the_pipeline_at_the_next_sweep(desk, action, by) -> None:
    """The courier sees the trip finished, and rides no other: without this it would never settle."""
    trips, store = FakeTrips(), desk[2]
    sweep = replace(desk[3], book=PipelineBook(trips, FakeWindows(), store))
    sweep.book.follow(trip(), T0)
    swept(sweep)
    ended = {"ended_ms": round(NOW * 1000)}
    sweep.moves.apply("demo", trip().trip, action, Actor("mei", by), 0, lambda *_: ended)
    swept(sweep)
    assert trips.due == {trip().trip}
    assert trips.get(trip().trip).finished_ms == ended["ended_ms"]
    assert store.items["demo/mei"].active() is None


def started_and_ended(tasks, sweep, name: str, ms: int) -> None:
    """Between two sweeps, and its requests crashed before they told the pipeline."""
    ridden(tasks, trip(name, "wang", state="claimed", started_ms=None, rev=1))
    tasks.couriers["demo", "wang"] = Courier(1)
    wang = Actor("wang", "courier")
    sweep.moves.apply("demo", name, "start", wang, ms, lambda *_: {"started_ms": ms})
    sweep.moves.apply("demo", name, "finish", wang, ms, lambda *_: {"ended_ms": ms + 20_000})


def test_a_trip_that_begins_and_ends_between_two_sweeps_is_told_and_mended(desk) -> None:
    tasks, alerts, store, sweep, now = desk
    trips, name = FakeTrips(), "tr_0000000000000002"
    sweep = replace(sweep, book=PipelineBook(trips, FakeWindows(), store))
    started_and_ended(tasks, sweep, name, round(NOW * 1000))
    now[0] += 60
    swept(sweep)
    assert [(it.kind, it.trip) for it in alerts.page("demo", "open", None, 9) if it.trip == name] == [
        ("finished", name)
    ]
    assert trips.due == {name}
    assert trips.get(name).finished_ms == round(NOW * 1000) + 20_000


@pytest.mark.parametrize(("along_m", "kinds"), [(ENDS_M + 1, ["arrived"]), (ENDS_M - 1, []), (None, [])])
def test_who_has_gone_on_is_known_to_have_arrived_by_the_record(desk, along_m, kinds) -> None:
    """The live item is of their next trip when the sweep comes."""
    tasks, alerts, store, sweep, now = desk
    name = "tr_0000000000000002"
    started_and_ended(tasks, sweep, name, round(NOW * 1000))
    put(store, live(trip("tr_0000000000000003", "wang"), match(NOW + 30)))
    key = "demo", name
    sweep.moves.apply("demo", name, "settle", SYSTEM, round(NOW * 1000))
    sweep = replace(sweep, settled=lambda it: along_m if it == name else None)
    told = [("raised", kind, name) for kind in (*kinds, "finished")]
    told += [("closed", kind, name) for kind in (*kinds, "finished")]
    for _ in range(3):
        now[0] += 60
        swept(sweep)
    assert [(what, it.kind, it.trip) for what, it in alerts.events if it.trip == name] == told
    assert alerts.watches[key].over


@pytest.mark.parametrize("gone_on", [True, False])
@pytest.mark.parametrize("late_s", [60, 30 * 86_400])
def test_an_arrival_that_only_the_record_knows_of_is_told_when_it_comes(desk, gone_on, late_s) -> None:
    """A phone without a network sends the finish of this morning and the next trip's start in one go; or its
    last pings come hours later, when the trip is no longer watched.
    """
    tasks, alerts, store, sweep, now = desk
    name, key = "tr_0000000000000002", ("demo", "tr_0000000000000002")
    started_and_ended(tasks, sweep, name, round((NOW - 9_000) * 1000))
    put(store, live(trip("tr_0000000000000003" if gone_on else name, "wang"), match(NOW)))
    records: dict[str, float] = {}
    sweep = replace(sweep, settled=records.get)
    for _ in range(5):
        now[0] += 60
        swept(sweep)
    assert alerts.watches[key].over  # what is not settled yet costs no look
    now[0] += late_s
    max_ = Actor("max", "manager")
    for action, by, along_m in (
        ("settle", SYSTEM, ENDS_M - 1), ("approve", max_, ENDS_M - 1), ("revise", SYSTEM, ENDS_M + 1)
    ):  # fmt: skip
        records[name] = along_m
        sweep.moves.apply("demo", name, action, by, round(now[0] * 1000))
        assert swept(sweep).trips - 1 == (action != "approve")  # beside the one that is ridden
    for _ in range(3):
        now[0] += 60
        swept(sweep)
    told = [(what, it.kind) for what, it in alerts.events if it.trip == name]
    assert told == [
        ("raised", "finished"),
        ("closed", "finished"),
        ("raised", "arrived"),
        ("closed", "arrived"),
    ]
    assert alerts.watches[key].over


@pytest.mark.parametrize("error", [TimeoutError("slow"), ValueError("no such number")])
def test_one_trip_that_fails_takes_no_other_along(desk, caplog, error) -> None:
    tasks, alerts, store, sweep, _ = desk
    other = trip("tr_0000000000000002", "wang")
    ridden(tasks, other)
    put(store, live(other, match(NOW - 400)))
    put(store, live(trip(), match(NOW - 400)))
    failing = iter([error])

    def fail():
        if error := next(failing, None):
            raise error

    alerts.before_write = fail
    tally = swept(sweep)
    assert (tally.failed, tally.raised) == (1, 1)
    assert "could not be looked after" in caplog.text
    assert swept(sweep).raised == 1


def test_a_trip_whose_live_item_cannot_be_read_is_left_alone_and_no_other(desk, caplog) -> None:
    """Nobody is abandoned because of what cannot be read."""
    tasks, alerts, store, sweep, now = desk
    others = [trip(f"tr_00000000000000{n:02}", f"c{n}") for n in range(2, 20)]  # in every shard
    ridden(tasks, *others)
    for it in others:
        put(store, live(it, match(NOW - 400)))
    store.damaged.add("demo/mei")
    now[0] = NOW + THRESHOLDS["abandon_after_s"].default + 1
    tally = swept(sweep)
    assert (tally.trips, tally.unreadable, tally.failed, tally.abandoned) == (19, 1, 0, 18)
    assert tasks.trips["demo", trip().trip].state == "started"
    assert {it.courier for it in alerts.alerts.values()} == {it.courier for it in others}
    (line,) = [it for it in caplog.records if it.message == "a live item cannot be read"]
    assert (line.courier, line.reason) == ("demo/mei", "damaged")
    store.damaged.clear()
    put(store, live(trip(), match(now[0])))
    assert (swept(sweep).unreadable, tasks.trips["demo", trip().trip].state) == (0, "started")


def test_a_trip_whose_row_or_watch_cannot_be_read_is_told_and_no_other_waits(desk, caplog) -> None:
    """Nor is its alert lost: what was open stays open until it can be read again."""
    tasks, alerts, store, sweep, now = desk
    others = [trip(f"tr_00000000000000{n:02}", f"c{n}") for n in range(2, 20)]  # in every shard
    ridden(tasks, *others)
    for it in (trip(), *others):
        put(store, live(it, match(NOW - 400)))
    assert swept(sweep).raised == 19
    key, row = ("demo", trip().trip), Damaged("demo", trip().trip, "KeyError: 'task'")
    alerts.damaged[key] = row
    now[0] = NOW + THRESHOLDS["abandon_after_s"].default + 1
    tally = swept(sweep)
    assert (tally.trips, tally.unreadable, tally.failed, tally.abandoned) == (19, 1, 0, 18)
    (line,) = [it for it in caplog.records if it.message == "a row cannot be read"]
    assert (line.fleet, line.item, line.reason) == ("demo", trip().trip, row.reason)
    assert (tasks.trips[key].state, {*alerts.watches[key].open}) == ("started", {"silent"})
    alerts.damaged.clear()
    assert (swept(sweep).abandoned, tasks.trips[key].state) == (1, "abandoned")


def test_a_fleet_whose_rules_cannot_be_read_is_watched_and_nobody_abandoned_early(desk) -> None:
    tasks, alerts, store, sweep, now = desk
    put(store, live(trip(), match(NOW)))
    alerts.fleets["demo"] = None
    now[0] = NOW + THRESHOLDS["abandon_after_s"].default + 1
    swept(sweep)
    assert tasks.trips["demo", trip().trip].state == "started"
    assert {it.kind for it in alerts.alerts.values()} == {"silent", "late"}
    now[0] = NOW + THRESHOLDS["abandon_after_s"].high + 1
    assert swept(sweep).abandoned == 1


def test_a_trip_that_was_only_claimed_is_not_watched(desk) -> None:
    tasks, alerts, *_, sweep, _ = desk
    tasks.trips.clear()
    tasks.watches.clear()
    ridden(tasks, replace(trip(), state="claimed", started_ms=None))
    assert swept(sweep).trips == 0
    assert not alerts.watches


def test_a_shard_that_fails_is_not_its_neighbours_trouble(desk) -> None:
    _tasks, alerts, store, sweep, now = desk
    put(store, live(trip(), match(NOW)))
    asked, watched = [], alerts.watched

    def torn(shard):
        asked.append(shard)
        if len(asked) == 1:
            raise ValueError("a row that nobody can read")
        return watched(shard)

    alerts.watched = torn
    with pytest.raises(ValueError, match="nobody can read"):
        swept(sweep)
    assert sorted(asked) == list(range(8))
    asked.append(-1)
    now[0] += 60
    swept(sweep)
    assert asked[0] != asked[9]
