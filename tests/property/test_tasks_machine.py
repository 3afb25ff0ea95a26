"""Everything that can be done with tasks and trips, in any order, by everybody, with crashes, races,
repetitions and overtaken requests.

Whatever happens: each place is one courier's, nobody rides twice, windows never overlap, every step is in the
audit and allowed there, nothing is paid twice, a request under a key is done once; and once every request was
repeated, windows, live items and rows of the pipeline tell what the trips tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from stacks.tasks.moves import SYSTEM, Actor
from storage.tasks import Trip
from telemetry import life
from telemetry.life import FIRST, HELD, OPEN, RIDING, TRANSITIONS
from telemetry.problem import Conflict, NotFound, Unavailable
from tests.fakes_stacks import FakeTasks
from tests.unit.test_tasks import LINE, T0, World

COURIERS = ("mei", "wang", "li")
STEPS = {
    "start": ("courier",), "pause": ("courier",), "resume": ("courier",), "finish": ("courier",),
    "confirm": ("courier",), "dispute": ("courier",), "release": ("courier", "manager"),
    "cancel": ("manager", "admin"), "reassign": ("manager",),
}  # fmt: skip
ACTION: dict[str, Any] = {"confirm": "finish"}
OTHERS: dict[Any, Actor] = {
    "propose": SYSTEM, "abandon": SYSTEM, "settle": SYSTEM, "approve": Actor("max", "manager"),
    "reject": Actor("max", "manager"), "pay": Actor("ada", "admin"),
}  # fmt: skip
couriers = st.sampled_from(COURIERS)
seldom = st.sampled_from((False, False, False, False, False, True))
crashes = seldom.flatmap(lambda some: st.tuples(st.integers(0, 4), st.booleans()) if some else st.none())
"""At which write, and whether after it."""
often = st.none() | st.tuples(st.integers(0, 4), st.booleans())
moments = seldom.flatmap(lambda some: st.integers(-200, 100) if some else st.none())
"""Seconds from now; some are too far ahead."""
picks = st.integers(0, 60)


class Crash(Exception):
    pass


class Fuse:
    """Lets so many writes pass, then crashes once, before or after the write."""

    left: int | None = None
    after = False

    def arm(self, crash: tuple[int, bool] | None) -> None:
        self.left, self.after = crash or (None, False)

    def __call__(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **named: Any) -> Any:
            blow = self.left == 0
            self.left = None if blow or self.left is None else self.left - 1
            if blow and not self.after:
                raise Crash
            result = write(*args, **named)
            if blow:
                raise Crash
            return result

        return guarded


class RacedTasks(FakeTasks):
    """Another request may come in between a decision and its transaction."""

    rival: Callable[[], object] | None = None

    def claim(self, *args: Any) -> bool:
        self._race()
        return super().claim(*args)

    def move(self, *args: Any) -> bool:
        self._race()
        return super().move(*args)

    def _race(self) -> None:
        rival, self.rival = self.rival, None
        if rival:
            rival()


@dataclass(eq=False)
class Sent:
    """A request, and what it was answered where it was a success."""

    endpoint: str
    body: Any
    role: str
    user: str
    key: str | None
    path: dict[str, str]
    answer: tuple[int, Any] | None = None


class TasksMachine(RuleBasedStateMachine):
    tasks_made = Bundle("tasks_made")

    def __init__(self) -> None:
        super().__init__()
        self.fuse, self.world = Fuse(), World(RacedTasks())
        self.tasks: RacedTasks = self.world.tasks
        world = self.world
        for store, names in (
            (world.windows, ("open", "close")),
            (world.live, ("put",)),
            (world.trips, ("start", "finish")),
            (world.tasks, ("claim", "move")),
        ):
            for name in names:
                setattr(store, name, self.fuse(getattr(store, name)))
        self.sent: list[Sent] = []

        self.snapshots: list[Trip] = []

    @initialize(target=tasks_made)
    def publish(self) -> Any:
        self.world.call("POST /v1/routes", {"id": "lap", "line": LINE}, "admin")
        plans = ({}, {}, {"quantity": 2}, {"quantity": 3, "start_until": T0 + 1800}, {"opens": T0 + 300})
        made = [self.world.task(**changes) for changes in plans]
        for task, courier in zip(made, ("mei", "mei", "wang"), strict=False):
            self._send("POST /v1/tasks/{task}/claim", None, "courier", courier, True, task=task)
        return multiple(*made)

    @rule(seconds=st.integers(0, 600))
    def wait(self, seconds: int) -> None:
        self.world.now += seconds

    @rule(task=tasks_made, courier=couriers, keyed=st.booleans(), crash=crashes)
    def claim(self, task: str, courier: str, keyed: bool, crash: tuple[int, bool] | None) -> None:
        self.fuse.arm(crash)
        self._send("POST /v1/tasks/{task}/claim", None, "courier", courier, keyed, task=task)

    @rule(first=tasks_made, second=tasks_made, one=couriers, other=couriers)
    def claim_two_at_once(self, first: str, second: str, one: str, other: str) -> None:
        endpoint = "POST /v1/tasks/{task}/claim"
        self.tasks.rival = lambda: self._send(endpoint, None, "courier", other, True, task=second)
        self._send(endpoint, None, "courier", one, False, task=first)

    @rule(pick=picks, choice=picks, keyed=st.booleans(), at=moments, courier=couriers, crash=crashes)
    def step(self, pick, choice, keyed, at, courier, crash) -> None:
        """One that the trip's state allows."""
        trip = self._one(pick)
        self.fuse.arm(crash)
        self._step(trip, possible(trip, choice), choice, keyed, at, courier)

    @rule(pick=picks, action=st.sampled_from(list(STEPS)), courier=couriers)
    def any_step(self, pick, action, courier) -> None:
        self._step(self._one(pick), action, pick, True, None, courier)

    @rule(
        courier=couriers,
        turns=st.lists(often, min_size=1, max_size=5),
        pick=picks,
        keyed=st.booleans(),
    )
    def the_ride_goes_on(self, courier, turns, pick, keyed) -> None:
        """Turn by turn, a courier finishes what it rides, or starts what it has claimed."""
        for crash in turns:
            riding = self.tasks.courier("demo", courier).riding
            trips = [it for it in self._trips() if it.courier == courier and it.state in HELD]
            trip = next((it for it in trips if it.trip == riding), None)
            self.fuse.arm(crash)
            if trip:
                self._step(trip, "finish", 0, keyed, None, courier)
            elif trips:
                self._step(trips[pick % len(trips)], "start", 0, keyed, None, courier)

    @rule(pick=picks, one=picks, other=picks, courier=couriers)
    def two_steps_of_a_trip_at_once(self, pick, one, other, courier) -> None:
        trip = self._one(pick)
        self.tasks.rival = lambda: self._step(trip, possible(trip, other), other, True, None, courier)
        self._step(trip, possible(trip, one), one, False, None, courier)

    @rule(task=tasks_made, courier=couriers)
    def two_places_come_back_at_once(self, task, courier) -> None:
        claimed = [trip for trip in self._trips() if (trip.task, trip.state) == (task, "claimed")]
        if len(claimed) > 1:
            self.tasks.rival = lambda: self._step(claimed[1], "release", 0, False, None, courier)
            self._step(claimed[0], "release", 0, False, None, courier)

    @rule(pick=picks, choice=picks, courier=couriers)
    def the_same_step_twice_at_once(self, pick, choice, courier) -> None:
        trip = self._one(pick)
        self.tasks.rival = lambda: self._again(self.sent[-1])
        self._step(trip, possible(trip, choice), choice, True, None, courier)

    @rule(task=tasks_made, courier=couriers, at=moments, crash=crashes)
    def start_by_the_task(self, task: str, courier: str, at: int | None, crash: Any) -> None:
        self.fuse.arm(crash)
        body = {} if at is None else {"at": self.world.now + at}
        self._send("POST /v1/tasks/{task}/start", body, "courier", courier, False, task=task)

    @rule(pick=picks)
    def a_request_is_repeated(self, pick: int) -> None:
        """With its key, it says what it said; without one, it may not do harm."""
        if self.sent:
            self._again(self.sent[pick % len(self.sent)])

    @rule(action=st.sampled_from(list(OTHERS)), pick=picks, crash=crashes)
    def what_others_do(self, action: Any, pick: int, crash: Any) -> None:
        trips = [trip for trip in self._trips() if trip.state in TRANSITIONS[action].sources]
        self.fuse.arm(crash)
        self._apply(trips[pick % len(trips)] if trips else self._one(pick), action)

    @rule(pick=picks, crash=often)
    def the_money_goes_on(self, pick: int, crash: Any) -> None:
        following = {"finished": "settle", "settled": "approve", "approved": "pay", "paid": "pay"}
        trips = [trip for trip in self._trips() if trip.state in following]
        self.fuse.arm(crash)
        if trips:
            self._apply(trips[pick % len(trips)], following[trips[pick % len(trips)].state])

    @rule(pick=picks, crash=crashes)
    def a_claim_s_timer_calls(self, pick: int, crash: Any) -> None:
        self.fuse.arm(crash)
        if trips := self._trips():
            trip = trips[pick % len(trips)]
            if self.world.now * 1000 > trip.start_until_ms:
                self._tried(lambda: self.world.due.claim("demo", trip.trip, trip.start_until_ms))

    @rule(task=tasks_made)
    def a_task_s_timer_calls(self, task: str) -> None:
        self.world.due.task("demo", task, 0)

    @rule(task=tasks_made, really=seldom)
    def withdraw(self, task: str, really: bool) -> None:
        if really:
            self._send("POST /v1/tasks/{task}/withdraw", None, "admin", "ada", True, task=task)

    @rule(pick=picks)
    def an_overtaken_request_goes_on(self, pick: int) -> None:
        """It does for the pipeline what was true when it read the trip."""
        if self.snapshots:
            closed = self._windows(ended=True)
            self._tried(lambda: self.world.book.follow(self.snapshots[pick % len(self.snapshots)], T0))
            assert not closed & self._windows(ended=False)

    @rule(courier=couriers)
    def the_live_item_expires(self, courier: str) -> None:
        live = self.world.live.items.get(f"demo/{courier}")
        if live and not live.active() and not self.tasks.courier("demo", courier).riding:
            del self.world.live.items[f"demo/{courier}"]

    def _step(self, trip, action, choice, keyed, at, courier) -> None:
        who = STEPS[action][choice % len(STEPS[action])]
        user = trip.courier if who == "courier" else {"manager": "max", "admin": "ada"}[who]
        body = {"at": self.world.now + at} if at is not None and action in {"start", "finish"} else {}
        if action == "reassign":
            body = {"courier": courier}
        self._send(f"POST /v1/trips/{{trip}}/{action}", body, who, user, keyed, trip=trip.trip)

    def _apply(self, trip: Trip, action: Any) -> None:
        now_ms, apply = round(self.world.now * 1000), self.world.moves.apply
        change = {"proposed_ms": now_ms} if action == "propose" else {}
        self._tried(lambda: apply("demo", trip.trip, action, OTHERS[action], now_ms, lambda *_: change))
        self.fuse.arm(None)

    def _one(self, pick: int) -> Trip:
        trips = self._trips()
        return trips[pick % len(trips)]

    def _send(self, endpoint, body, role, user, keyed, **path) -> None:
        key = f"k{len(self.sent)}" if keyed else None
        self.sent.append(Sent(endpoint, body, role, user, key, path))
        self._again(self.sent[-1])

    def _again(self, sent: Sent) -> None:
        said = self._tried(
            lambda: self.world.call(sent.endpoint, sent.body, sent.role, sent.user, key=sent.key, **sent.path)
        )
        self.fuse.arm(None)
        self.tasks.rival = None
        if said is None:
            return
        assert said[0] in {200, 201, 400, 403, 404, 409, 503}
        if said[0] < 300:
            if sent.key and sent.answer:
                assert said == sent.answer
            sent.answer = said
            self._the_pipeline_knows(said[1])
        elif sent.key and sent.answer:
            assert said[0] == 503

    def _the_pipeline_knows(self, told: Any) -> None:
        """What an answer says of a trip's time."""
        if told.get("started_at") is not None:
            row = self.world.trips.rows[told["trip"]]
            assert row.started_ms == round(told["started_at"] * 1000)
            if told["finished_at"] is not None:
                assert row.finished_ms == round(told["finished_at"] * 1000)

    def _tried(self, act: Callable[[], Any]) -> Any:
        """None after a crash or a refusal; nothing else may go wrong."""
        try:
            return act()
        except (Crash, Conflict, NotFound, Unavailable):
            return None

    def _trips(self) -> list[Trip]:
        found = list(self.tasks.trips.values())  # as they were made; their names have chance in them
        self.snapshots = (self.snapshots + found)[-40:]
        return found

    def _windows(self, *, ended: bool) -> set[tuple[str, str]]:
        """Where a trip's window has ended, or has not: in the table, in a live item."""
        rows = [("table", it) for owner in self.world.windows.rows.values() for it in owner.values()]
        live = [("live", it) for item in self.world.live.items.values() for it in item.windows]
        return {(where, it.trip) for where, it in rows + live if (it.end_ms is not None) == ended}

    @invariant()
    def each_place_is_ones(self) -> None:
        kept = Counter(trip.task for trip in self.tasks.trips.values() if not gave_back(trip))
        for (_, name), task in self.tasks.rows.items():
            assert task.left == task.quantity - kept[name] >= 0
        holders = [(trip.task, trip.courier) for trip in self.tasks.trips.values() if trip.state in HELD]
        assert len(holders) == len(set(holders))
        held = {(task, courier) for (_, task, courier), claim in self.tasks.claims.items() if claim.held}
        assert held == set(holders)

    @invariant()
    def couriers_know_what_they_hold(self) -> None:
        for courier in COURIERS:
            theirs = [trip for trip in self.tasks.trips.values() if trip.courier == courier]
            knows = self.tasks.courier("demo", courier)
            assert knows.open == sum(trip.state in OPEN for trip in theirs)
            assert [knows.riding] == ([trip.trip for trip in theirs if trip.state in RIDING] or [None])

    @invariant()
    def every_step_is_in_the_audit_and_allowed(self) -> None:
        for (_, name), trip in self.tasks.trips.items():
            lines = self.tasks.audit("demo", name)
            assert [line.rev for line in lines] == list(range(1, trip.rev + 1))
            assert (lines[0].action in FIRST, lines[0].before, lines[0].after) == (True, None, "claimed")
            assert lines[-1].after == trip.state
            for line, behind in pairwise(lines):
                assert behind.before == line.after
                assert life.target(behind.before, behind.action) == behind.after
                assert behind.role in TRANSITIONS[behind.action].who
                assert behind.at_ms >= line.at_ms
            assert sum(line.action == "pay" for line in lines) <= 1

    @invariant()
    def windows_never_overlap(self) -> None:
        for rows in self.world.windows.rows.values():
            ordered = [rows[start] for start in sorted(rows)]
            for before, behind in pairwise(ordered):
                assert before.end_ms is not None
                assert before.end_ms < behind.start_ms

    def teardown(self) -> None:
        self.fuse.arm(None)
        for trip in self._trips():
            self.world.book.follow(trip, self.world.now)
        ridden = [trip for trip in self.tasks.trips.values() if trip.started_ms is not None]
        assert set(self.world.trips.rows) == {trip.trip for trip in ridden}
        for trip in ridden:
            row = self.world.trips.rows[trip.trip]
            assert (row.started_ms, row.finished_ms) == (trip.started_ms, trip.ended_ms)
            window = self.world.windows.rows[f"demo/{trip.courier}"][trip.started_ms]
            assert (window.trip, window.end_ms) == (trip.trip, trip.ended_ms)
        for key, live in self.world.live.items.items():
            assert list(live.windows) == self.world.windows.newest(key)


def possible(trip: Trip, choice: int) -> str:
    """One of the steps that people may take; any, where the trip's state allows none."""
    steps = [it for it in STEPS if trip.state in TRANSITIONS[ACTION.get(it, it)].sources] or list(STEPS)
    return steps[choice % len(steps)]


def gave_back(trip: Trip) -> bool:
    return trip.state in {"released", "expired"} or (trip.state == "cancelled" and trip.started_ms is None)


TestTasksMachine = TasksMachine.TestCase
# A step takes microseconds, so that many are cheap; the profile decides how many more in CI.
TestTasksMachine.settings = settings(max_examples=4 * settings.default.max_examples, stateful_step_count=40)
