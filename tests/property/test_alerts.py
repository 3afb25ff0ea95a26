"""Couriers ride, stray, fall silent, pause, finish; sweeps run, run twice, overlap, crash and look at an old
moment. Each episode of an alert is raised once and closed once.
"""

from __future__ import annotations

import contextlib
import logging
from collections import Counter
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from stacks.tasks.moves import SYSTEM, Actor, Moves
from stacks.tasks.trips.book import PipelineBook
from stacks.tasks.watch.judge import Seen, judge
from stacks.tasks.watch.sweep import Sweep
from telemetry.alerts import FINISHED_S, KINDS, Rules
from telemetry.life import FINISHED, RIDING
from telemetry.problem import Conflict
from tests.fakes import FakeLive, FakeWindows
from tests.fakes_alerts import FakeAlerts
from tests.fakes_stacks import FakeTasks, FakeTrips
from tests.watching import LENGTH_M, T0, live, match, ridden, trip

ENDS_M = LENGTH_M - 40
TRIPS = [trip(), trip("tr_0000000000000002", "wang", deadline_ms=round(T0 * 1000) + 600_000)]
which = st.sampled_from(range(2))
couriers = st.sampled_from(["mei", "wang"])
SHARDS = range(8)


class Crash(BaseException):
    """Of the whole function: nothing in it goes on."""


def take_turns(events: list) -> None:
    """Each episode is told once, and of one kind on one trip one is closed before the next is raised."""
    assert set(Counter((event, alert.alert) for event, alert in events).values()) <= {1}
    told: dict = {}
    for event, alert in events:
        assert told.get((alert.trip, alert.kind), "closed") != event
        told[alert.trip, alert.kind] = event


class AlertsMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.now, self.along_m = T0, {}
        self.tasks, self.live = FakeTasks(), FakeLive()
        self.alerts = FakeAlerts(self.tasks)
        ridden(self.tasks, *TRIPS)
        self.moves = Moves(self.tasks, lambda: range(3))
        self.book = PipelineBook(FakeTrips(), FakeWindows(), self.live)
        self.sweeper = self.made()

    def made(self) -> Sweep:
        ends = lambda *_: ENDS_M  # noqa: E731
        log = logging.getLogger("none")
        known = self.along_m.get
        return Sweep(self.alerts, self.live, self.moves, self.book, ends, known, lambda: self.now, log)

    def now_of(self, it: int):
        return self.tasks.trips["demo", TRIPS[it].trip]

    @rule(seconds=st.sampled_from([1, 60, 200, 400, 4_000, 15_000]))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(
        it=which, off=st.booleans(), still=st.sampled_from([0, 200]), battery=st.none() | st.integers(0, 100),
        along=st.sampled_from([100.0, 2_500.0, 4_990.0]), age=st.sampled_from([0, 30, 150]),
    )  # fmt: skip
    def ping(self, it: int, off: bool, still: int, battery: int | None, along: float, age: int) -> None:
        row = self.now_of(it)
        state = match(self.now - age, along, off=off, still_s=still)
        self.live.items[f"{row.fleet}/{row.courier}"] = live(row, state, battery)

    @rule(it=which, action=st.sampled_from(["pause", "resume", "finish", "cancel", "dispute"]))
    def act(self, it: int, action: str) -> None:
        row, ms = self.now_of(it), round(self.now * 1000)
        by = Actor("max", "manager") if action == "cancel" else Actor(row.courier, "courier")
        change = {
            "pause": {"paused_ms": ms}, "resume": {"paused_ms": None}, "dispute": {"proposed_ms": None}
        }.get(action, {"ended_ms": ms})  # fmt: skip
        with contextlib.suppress(Conflict):
            self.moves.apply("demo", row.trip, action, by, ms, lambda *_: change)

    @rule(silent=st.sampled_from([120, 300, 3_000]), kinds=st.sets(st.sampled_from(KINDS)))
    def choose(self, silent: int, kinds: set) -> None:
        self.alerts.put_rules("demo", Rules(frozenset(kinds), silent))

    @rule()
    def sweep(self) -> None:
        """Undisturbed: what is open afterwards is what the rules say of what is open."""
        before = {it.trip: self.open(it.trip) for it in TRIPS}
        watches = dict(self.alerts.watches)
        self.sweeper.run(SHARDS)
        rules = self.alerts.fleets.get("demo", Rules())
        for it in range(2):
            row = self.now_of(it)
            told = watches["demo", row.trip].told if ("demo", row.trip) in watches else frozenset()
            seen = Seen(row, self.live.items.get(f"demo/{row.courier}"), ENDS_M, self.now, told)
            known = row.state in RIDING or ("demo", row.trip) in self.alerts.watches
            over = known and self.alerts.watches["demo", row.trip].over
            wanted = set() if not known or over else set(judge(seen, rules, before[row.trip]))
            assert self.open(row.trip) == wanted

    @rule(steps=st.integers(0, 3), after=st.booleans())
    def crash(self, steps: int, after: bool) -> None:
        left = [steps]

        def blow() -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Crash

        setattr(self.alerts, "after_write" if after else "before_write", blow)
        with contextlib.suppress(Crash):
            self.sweeper.run(SHARDS)
        self.alerts.before_write = self.alerts.after_write = lambda: None

    @rule(it=which, action=st.none() | st.sampled_from(["pause", "finish"]))
    def overlap(self, it: int, action: str | None) -> None:
        """Another sweep, and a courier, come between a look and the first write of what follows from it."""

        def meanwhile() -> None:
            self.alerts.before_write = lambda: None
            if action:
                self.act(it, action)
            self.made().run(SHARDS)

        self.alerts.before_write = meanwhile
        self.sweeper.run(SHARDS)
        self.alerts.before_write = lambda: None

    def open(self, name: str) -> set:
        return {it.kind for it in self.alerts.alerts.values() if it.trip == name and it.state == "open"}

    @invariant()
    def each_episode_is_raised_once_and_closed_once(self) -> None:
        if not hasattr(self, "alerts"):
            return
        take_turns(self.alerts.events)
        for watch in self.alerts.watches.values():
            held = {k: a for k, a in watch.open.items() if self.alerts.alerts["demo", a].state == "open"}
            assert held == watch.open
            assert set(held) == self.open(watch.trip)

    def teardown(self) -> None:
        """Once every trip has ended, the last episode is closed and nobody looks any more."""
        if not hasattr(self, "alerts"):
            return
        for it in range(2):
            self.act(it, "cancel")
        self.sweeper.run(SHARDS)
        self.now += FINISHED_S + 1
        self.sweeper.run(SHARDS)
        self.sweeper.run(SHARDS)
        assert not self.alerts.page("demo", "open", None, 99)
        assert self.sweeper.run(SHARDS).trips == 0


class NewsMachine(RuleBasedStateMachine):
    """Couriers begin and end trips faster than anybody looks, and go on to the next; pings come late, and
    records later still. Each finish is told once, and each arrival of who finished, whatever the sweeps met.
    """

    @initialize()
    def begin(self) -> None:
        self.now, self.along_m, self.trips = T0, {}, {"mei": [], "wang": []}
        self.tasks, self.live = FakeTasks(), FakeLive()
        self.alerts = FakeAlerts(self.tasks)
        self.moves = Moves(self.tasks, lambda: range(3))
        self.windows, self.rows = FakeWindows(), FakeTrips()

    def made(self) -> Sweep:
        ends = lambda *_: ENDS_M  # noqa: E731
        book, log = PipelineBook(self.rows, self.windows, self.live), logging.getLogger("none")

        def settled(name: str) -> float | None:
            return self.along_m[name] if self.row(name).state in FINISHED - {"finished"} else None

        return Sweep(self.alerts, self.live, self.moves, book, ends, settled, lambda: self.now, log)

    def row(self, name: str):
        return self.tasks.trips["demo", name]

    def riding(self, who: str):
        found = [self.row(name) for name in self.trips[who][-1:]]
        return next((it for it in found if it.state in RIDING), None)

    def step(self, row, action: str, by: Actor, **change) -> None:
        self.moves.apply("demo", row.trip, action, by, round(self.now * 1000), lambda *_: change)

    @rule(who=couriers, cancelled=st.booleans(), seconds=st.sampled_from([0, 5, 60]), pings=st.booleans())
    def go_on(self, who: str, cancelled: bool, seconds: int, pings: bool) -> None:
        """The trip that is ridden ends, at its end if `pings`; the next begins, with a ping then."""
        self.now += 1
        if pings:
            self.ping(who, 4_990.0)
        if row := self.riding(who):
            action, by = (
                ("cancel", Actor("max", "manager")) if cancelled else ("finish", Actor(who, "courier"))
            )
            self.step(row, action, by, ended_ms=round(self.now * 1000))
        self.now += seconds
        name, ms = f"tr_{len(self.trips[who]):015}{who[0]}", round(self.now * 1000)
        new = trip(
            name, who, claimed_ms=ms, state="claimed", started_ms=None, rev=1, deadline_ms=ms + 9_000_000
        )
        self.tasks.trips["demo", name], self.tasks.lines["demo", name] = new, []
        rider = self.tasks.courier("demo", who)
        self.tasks.couriers["demo", who] = replace(rider, open=rider.open + 1)
        self.trips[who].append(name)
        self.along_m[name] = 0.0
        self.step(new, "start", Actor(who, "courier"), started_ms=ms)
        if pings:
            self.ping(who, 100.0)

    @rule(who=couriers, along=st.sampled_from([100.0, 4_990.0]))
    def ping(self, who: str, along: float) -> None:
        if row := self.riding(who):
            along = self.along_m[row.trip] = max(along, self.along_m[row.trip])
            self.live.items[f"demo/{who}"] = live(row, match(self.now, along))

    @rule(who=couriers, late=st.booleans())
    def settle(self, who: str, late: bool) -> None:
        """late: by pings that say that they arrived, and that the live item knows nothing of."""
        for name in self.trips[who]:
            row = self.row(name)
            if row.state in FINISHED and (late or row.state == "finished"):
                self.along_m[name] = 4_990.0 if late else self.along_m[name]
                self.step(row, "revise" if row.state == "approved" else "settle", SYSTEM)

    @rule(who=couriers)
    def approve(self, who: str) -> None:
        for name in self.trips[who]:
            if self.row(name).state == "settled":
                self.step(self.row(name), "approve", Actor("max", "manager"))

    @rule(seconds=st.sampled_from([1, 20, 60, 4_000, 30 * 86_400]))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule()
    def sweep(self) -> None:
        self.made().run(SHARDS)

    @rule(steps=st.integers(0, 3), after=st.booleans(), who=couriers)
    def disturbed(self, steps: int, after: bool, who: str) -> None:
        """The sweep dies somewhere, while another runs and a courier goes on."""
        left = [steps]

        def blow() -> None:
            left[0] -= 1
            if left[0] == 0:
                self.go_on(who, False, 0, True)
                self.made().run(SHARDS)
            if left[0] < 0:
                raise Crash

        setattr(self.alerts, "after_write" if after else "before_write", blow)
        with contextlib.suppress(Crash):
            self.made().run(SHARDS)
        self.alerts.before_write = self.alerts.after_write = lambda: None

    def teardown(self) -> None:
        if not hasattr(self, "alerts"):
            return
        for who in self.trips:
            self.go_on(who, False, 0, False)
            self.settle(who, False)
        for _ in range(3):
            self.made().run(SHARDS)
        take_turns(self.alerts.events)
        told = Counter((what, alert.kind, alert.trip) for what, alert in self.alerts.events)
        for name in (name for names in self.trips.values() for name in names):
            finished = self.row(name).state in FINISHED
            there = self.along_m[name] >= ENDS_M
            for what in ("raised", "closed"):
                assert told[what, "finished", name] == finished
                if finished:
                    assert told[what, "arrived", name] == there


NewsMachine.TestCase.settings = settings(stateful_step_count=25)
TestNews = NewsMachine.TestCase
AlertsMachine.TestCase.settings = settings(stateful_step_count=30)
TestAlerts = AlertsMachine.TestCase
