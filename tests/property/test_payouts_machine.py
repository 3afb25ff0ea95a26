"""Settling, approving, rejecting and paying in any order, by several at once, with crashes, repetitions,
records out of order, and payouts that go on long after others thought them dead.

Whatever happens: no trip is paid twice or in two payouts, what was approved is what is paid, a complete
payout never changes and names exactly the trips that it paid, and each calculation comes out again from what
is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from stacks.tasks.moves import Actor, Moves
from stacks.tasks.payouts.batch import PAYOUT, Payouts
from stacks.tasks.payouts.wiring import wired
from stacks.tasks.reckoning import NEWER, RECKONING, kept_on, newest, reproduced
from storage.payouts import Payout
from storage.tasks import Trip
from tests.fakes_payouts import FakePayouts
from tests.property.test_tasks_machine import Crash, Fuse, RacedTasks
from tests.unit.test_payouts import APPROVE, MAKE, REJECT, World

picks = st.integers(0, 7)
revisions = st.integers(1, 4)
seldom = st.sampled_from((False, False, False, True))
crashes = seldom.flatmap(lambda some: st.tuples(st.integers(0, 6), st.booleans()) if some else st.none())
keys = st.sampled_from((None, "k1", "k2", "k3"))
admins = st.sampled_from(("ada", "eve"))
ADA = Actor("ada", "admin")


class PayoutsMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.fuse, self.world = Fuse(), World()
        self.tasks = self.world.tasks = RacedTasks()
        self.store = self.world.store = FakePayouts(self.tasks)
        for store, names in ((self.tasks, ("move",)), (self.store, ("begin", "complete"))):
            for name in names:
                setattr(store, name, self.fuse(getattr(store, name)))
        self.world.moves = Moves(self.tasks)
        self.world.wired = wired(self.tasks, self.store, self.world.moves)
        self.payouts = Payouts(self.world.moves, self.store, most=4)
        self.world.wired = self.world.wired._replace(payouts=self.payouts)
        self.agreed: dict[tuple[str, int], Any] = {}
        self.complete: dict[str, Payout] = {}
        self.answers: dict[tuple[str, str], Any] = {}
        self.known: Counter[str] = Counter()

    @initialize()
    def begin(self) -> None:
        for _ in range(3):
            self.ride()
        self.approve_all(None)

    @rule()
    def ride(self) -> None:
        """Two more trips; one is settled at once."""
        self.world.settle(self.world.finished("mei", "12.50"), covered=0.55)
        self.world.finished("wang", "7.10")

    @rule(pick=picks, revision=revisions, crash=crashes)
    def a_record_comes(self, pick: int, revision: int, crash: Any) -> None:
        self.fuse.arm(crash)
        self.tried(lambda: self.settle(pick, revision))

    @rule(pick=picks, crash=crashes, key=keys)
    def approve(self, pick: int, crash: Any, key: str | None) -> None:
        self.fuse.arm(crash)
        self.tried(lambda: self.world.call(APPROVE, trip=self.name(pick), key=key and f"{key}-{pick}"))

    @rule(crash=crashes)
    def approve_all(self, crash: Any) -> None:
        self.fuse.arm(crash)
        for pick in range(8):
            self.tried(lambda pick=pick: self.world.call(APPROVE, trip=self.name(pick)))

    @rule(pick=picks, crash=crashes)
    def reject(self, pick: int, crash: Any) -> None:
        self.fuse.arm(crash)
        self.tried(lambda: self.world.call(REJECT, {"note": "no"}, trip=self.name(pick)))

    @rule(user=admins, key=keys, crash=crashes)
    def pay(self, user: str, key: str | None, crash: Any) -> None:
        self.fuse.arm(crash)
        self.tried(lambda: self.make(user, key))

    @rule(user=admins, key=keys, pick=picks, what=st.sampled_from(("reject", "settle", "pay", "both")))
    def pay_while_something_comes_in_between(self, user: str, key: str | None, pick: int, what: str) -> None:
        def rival() -> None:
            if what in {"reject", "both"}:
                self.world.call(REJECT, {"note": "no"}, trip=self.name(pick))
            if what == "both":
                self.world.call(APPROVE, trip=self.name(pick))
            if what == "settle":
                self.settle(pick, 4)
            if what in {"pay", "both"}:
                self.world.make(user="eve")

        self.tasks.rival = rival
        self.tried(lambda: self.make(user, key))
        self.tasks.rival = None

    @rule(user=admins, key=keys)
    def two_pay_at_once(self, user: str, key: str | None) -> None:
        """The other one is done while this one still has to begin with what it planned."""
        begin = self.store.begin

        def overtaken(*args: Any) -> bool:
            self.store.begin = begin
            self.world.make(user="eve")
            return begin(*args)

        self.store.begin = overtaken
        self.make(user, key)
        self.store.begin = begin

    @rule(pick=picks)
    def a_payout_that_seemed_dead_goes_on(self, pick: int) -> None:
        """It pays what it had planned, whatever became of it."""
        names = sorted(payout for _, payout in self.store.rows)
        if names:
            payout = self.store.rows["demo", names[pick % len(names)]]
            for planned in payout.planned:
                self.payouts._pay("demo", planned, payout.payout, ADA, 1)

    @rule(pick=picks)
    def a_payout_that_seemed_dead_completes(self, pick: int) -> None:
        names = sorted(payout for _, payout in self.store.rows)
        if names:
            self.payouts.go_on("demo", names[pick % len(names)], ADA, self.world.now)

    @rule(seconds=st.integers(1, 9))
    def wait(self, seconds: int) -> None:
        self.world.now += seconds

    def make(self, user: str, key: str | None) -> None:
        status, told = self.world.call(MAKE, role="admin", user=user, key=key)
        assert status in {201, 409}, told
        if status == 201:
            assert told["complete"]
            if key:
                assert told == self.answers.setdefault((user, key), told)

    def settle(self, pick: int, revision: int) -> None:
        self.world.settle(self.name(pick), revision, covered=0.45 + revision / 10)

    def tried(self, act: Callable[[], Any]) -> None:
        with suppress(Crash):
            act()
        self.fuse.arm(None)

    def name(self, pick: int) -> str:
        """Of the newest eight: what is older has been paid mostly."""
        newest_trips = sorted(trip for _, trip in self.tasks.trips)[-8:]
        return newest_trips[pick % len(newest_trips)]

    def trips(self) -> list[Trip]:
        return list(self.tasks.trips.values())

    @invariant()
    def nothing_is_paid_twice(self) -> None:
        for trip in self.trips():
            pays = [line for line in self.tasks.audit("demo", trip.trip) if line.action == "pay"]
            assert len(pays) == (trip.state == "paid")
            assert (PAYOUT in trip.more) == (trip.state == "paid")
        named = Counter(line.trip for it in self.store.rows.values() for line in it.lines or ())
        assert all(count == 1 for count in named.values())

    @invariant()
    def what_was_approved_is_what_is_paid(self) -> None:
        for trip in self.trips():
            if trip.state in {"approved", "paid"}:
                approvals = [it.rev for it in self.tasks.audit("demo", trip.trip) if it.action == "approve"]
                assert kept_on(trip) == self.agreed.setdefault((trip.trip, approvals[-1]), kept_on(trip))
            else:
                assert NEWER not in trip.more

    @invariant()
    def a_complete_payout_names_what_it_paid_and_never_changes(self) -> None:
        for it in self.store.rows.values():
            if it.lines is None:
                assert self.store.in_making == {"demo": it.payout}
                continue
            assert it == self.complete.setdefault(it.payout, it)
            paid = {trip.trip: trip for trip in self.trips() if trip.more.get(PAYOUT) == it.payout}
            assert {line.trip for line in it.lines} == set(paid)
            for line in it.lines:
                kept = kept_on(paid[line.trip])
                assert (line.amount, line.currency, line.revision) == (
                    str(kept.total), kept.currency, kept.revision,
                )  # fmt: skip

    @invariant()
    def calculations_come_out_again_and_never_grow_older(self) -> None:
        for trip in self.trips():
            for name in (RECKONING, NEWER):
                if kept := kept_on(trip, name):
                    assert reproduced(trip, kept)
            assert newest(trip) >= self.known[trip.trip]
            self.known[trip.trip] = newest(trip)

    def teardown(self) -> None:
        """Every record comes once more, and everything approved is paid: nothing is left over or lost."""
        for trip in self.trips():
            for revision in (4, 2):
                self.world.settle(trip.trip, revision)
            self.world.call(APPROVE, trip=trip.trip)
        while self.world.make()[0] == 201:
            self.a_complete_payout_names_what_it_paid_and_never_changes()
        self.nothing_is_paid_twice()
        self.calculations_come_out_again_and_never_grow_older()
        assert not self.store.in_making
        assert all(trip.state == "paid" and newest(trip) == 4 for trip in self.trips())
        named = [line.trip for it in self.store.rows.values() for line in it.lines or ()]
        assert sorted(named) == sorted(trip.trip for trip in self.trips())


TestPayoutsMachine = PayoutsMachine.TestCase
TestPayoutsMachine.settings = settings(max_examples=2 * settings.default.max_examples, stateful_step_count=40)
