"""Claims, starts and finishes in any order, with crashes, races, repetitions and overtaken requests.

Whatever happens: one courier gets a task, nobody rides twice, windows never overlap, the first answer is the
only answer, and once every request was repeated, windows, live items and trips tell what the tasks tell.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from stacks.tasks.tasks.desk import Desk, Wanted
from stacks.tasks.trips.book import PipelineBook
from stacks.tasks.trips.ride import Rides
from storage.catalog import Route
from storage.tasks import Bonus, Ride, Task
from storage.trips import Trip
from telemetry.live import Window
from telemetry.problem import BadRequest, Conflict, Forbidden
from tests.fakes import FakeLive, FakeWindows
from tests.fakes_stacks import FakeCatalog, FakeTasks, FakeTrips

T0 = 1_795_492_800.0
couriers = st.sampled_from(["mei", "wang"])
crashes = st.none() | st.tuples(st.integers(0, 2), st.booleans())  # at which write, and whether after it
moments = st.none() | st.integers(-200, 100)  # seconds from now; some are too far ahead


class Crash(Exception):
    pass


class Fuse:
    """Lets so many writes pass, then crashes once, before or after the write."""

    left: int | None = None
    after = False

    def arm(self, crash: tuple[int, bool] | None) -> None:
        self.left, self.after = crash or (None, False)

    def __call__(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any) -> Any:
            blow = self.left == 0
            self.left = None if blow or self.left is None else self.left - 1
            if blow and not self.after:
                raise Crash
            result = write(*args)
            if blow:
                raise Crash
            return result

        return guarded


class RacedTasks(FakeTasks):
    """Another request may come in between a decision and its write."""

    rival: Callable[[], object] | None = None

    def start(self, task: Task, trip: str, at_ms: int, ride: Ride) -> bool:
        rival, self.rival = self.rival, None
        if rival:
            rival()
        return super().start(task, trip, at_ms, ride)


class TasksMachine(RuleBasedStateMachine):
    tasks_made = Bundle("tasks_made")

    def __init__(self) -> None:
        super().__init__()
        self.now, self.fuse = T0, Fuse()
        self.tasks, self.catalog = RacedTasks(), FakeCatalog()
        self.windows, self.live, self.trips = FakeWindows(), FakeLive(), FakeTrips()
        for store, names in (
            (self.windows, ("open", "close")),
            (self.live, ("put",)),
            (self.trips, ("start", "finish")),
        ):
            for name in names:
                setattr(store, name, self.fuse(getattr(store, name)))
        self.book = PipelineBook(self.trips, self.windows, self.live)
        self.desk, self.rides = Desk(self.tasks, self.catalog), Rides(self.tasks, self.book)
        self.winners: dict[str, str] = {}
        self.starts: dict[str, Trip] = {}
        self.finishes: dict[str, Trip] = {}

    @initialize(target=tasks_made)
    def publish(self) -> Any:
        self.catalog.add(Route("demo", "lap", 1, "Lap", 1000.0, 0))
        made = [self.create() for _ in range(6)]
        for task, courier in zip(made, ("mei", "mei", "mei", "wang"), strict=False):
            self.claim(task, courier)
        return multiple(*made)

    def create(self) -> str:
        wanted = Wanted("lap@1", "", Bonus("1.00", "CNY"), self.now + 3600)
        return self.desk.create("demo", wanted, self.now).task

    @rule(seconds=st.integers(0, 600))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(task=tasks_made, courier=couriers)
    def claim(self, task: str, courier: str) -> None:
        try:
            claimed = self.desk.claim("demo", task, courier, self.now)
        except Conflict:
            assert self.winners.get(task, "") != courier
            return
        assert claimed.courier == self.winners.setdefault(task, courier) == courier

    @rule(courier=couriers, pick=st.integers(0, 3), at=moments, crash=crashes)
    def start(self, courier: str, pick: int, at: int | None, crash: tuple[int, bool] | None) -> None:
        if mine := [task for task, winner in self.winners.items() if winner == courier]:
            self.fuse.arm(crash)
            self._start(mine[pick % len(mine)], courier, at)

    @rule(task=tasks_made, courier=couriers)
    def start_anybodys(self, task: str, courier: str) -> None:
        self._start(task, courier, None)

    @rule(first=tasks_made, second=tasks_made, courier=couriers, at=moments)
    def start_two_at_once(self, first: str, second: str, courier: str, at: int | None) -> None:
        self.tasks.rival = lambda: self._start(second, courier, at)
        self._start(first, courier, None)
        self.tasks.rival = None

    @rule(courier=couriers, at=moments, crash=crashes)
    def finish(self, courier: str, at: int | None, crash: tuple[int, bool] | None) -> None:
        if task := self.tasks.ride("demo", courier).task:
            self.fuse.arm(crash)
            self._finish(task, courier, at)

    @rule(task=tasks_made, courier=couriers)
    def finish_anybodys(self, task: str, courier: str) -> None:
        self._finish(task, courier, None)

    @rule(task=tasks_made)
    def an_overtaken_start_goes_on(self, task: str) -> None:
        if task in self.starts:
            closed = self._closed()
            self._tried(lambda: self.book.start(self.starts[task], self.now))
            assert closed <= self._closed()

    @rule(courier=couriers)
    def the_live_item_expires(self, courier: str) -> None:
        live = self.live.items.get(f"demo/{courier}")
        if live and not live.active() and not self.tasks.ride("demo", courier).trip:
            del self.live.items[f"demo/{courier}"]

    def _closed(self) -> set[Window]:
        """Windows of the live items that have ended, the newest of each courier."""
        newest = [live.windows[-1] for live in self.live.items.values() if live.windows]
        return {window for window in newest if window.end_ms is not None}

    def _start(self, task: str, courier: str, at: int | None) -> None:
        at_ms = None if at is None else round((self.now + at) * 1000)
        trip = self._tried(lambda: self.rides.start("demo", courier, task, at_ms, self.now))
        if trip is not None:
            assert trip.courier == self.winners[task]
            first = self.starts.setdefault(task, trip)
            assert (trip.trip, trip.started_ms) == (first.trip, first.started_ms)

    def _finish(self, task: str, courier: str, at: int | None) -> None:
        if task not in self.starts:
            return
        at_ms = None if at is None else round((self.now + at) * 1000)
        trip = self._tried(
            lambda: self.rides.finish("demo", courier, self.starts[task].trip, at_ms, self.now)
        )
        if trip is not None:
            assert trip.courier == courier
            assert trip == self.finishes.setdefault(task, trip)

    def _tried(self, act: Callable[[], Trip | None]) -> Trip | None:
        """None after a crash or a refusal; nothing else may go wrong."""
        try:
            return act()
        except (Crash, BadRequest, Conflict, Forbidden):
            return None

    @invariant()
    def windows_never_overlap(self) -> None:
        for rows in self.windows.rows.values():
            ordered = [rows[start] for start in sorted(rows)]
            for before, behind in pairwise(ordered):
                assert before.end_ms is not None
                assert before.end_ms < behind.start_ms

    @invariant()
    def nobody_rides_twice(self) -> None:
        riding = [task.courier for task in self.tasks.rows.values() if task.status == "started"]
        assert len(riding) == len(set(riding))

    def teardown(self) -> None:
        self.fuse.arm(None)
        for task in list(self.tasks.rows.values()):
            if task.trip and task.courier:
                self._start(task.task, task.courier, None)
                if task.finished_ms is not None:
                    self._finish(task.task, task.courier, None)
        for task in self.tasks.rows.values():
            if task.trip and task.started_ms is not None:
                row = self.trips.rows[task.trip]
                assert (row.started_ms, row.finished_ms) == (task.started_ms, task.finished_ms)
                window = self.windows.rows[f"demo/{task.courier}"][task.started_ms]
                assert (window.trip, window.end_ms) == (task.trip, task.finished_ms)
        for key, live in self.live.items.items():
            assert list(live.windows) == self.windows.newest(key)


TestTasksMachine = TasksMachine.TestCase
# A step takes microseconds, so that many are cheap; the profile decides how many more in CI.
TestTasksMachine.settings = settings(max_examples=5 * settings.default.max_examples, stateful_step_count=40)
