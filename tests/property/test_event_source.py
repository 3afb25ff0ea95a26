"""An event source mapping under any order of puts, splits, merges, reads, answers, failures and time.

The stream and the function are models in memory; the mapping (`local.sources.shards`, `lane`) is the real
one. Every page is read from the position that the mapping keeps, as if each iterator had expired before use.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from local.sources.lane import Lane
from local.sources.model import Batch, Discarded, Failure, NotInvoked, Outcome, Record, Rules, Success
from local.sources.shards import LATEST, TRIM_HORIZON, Found, Position, Shard, Shards

KEYS = 16
T0 = 1_000.0
MAX_AGE_S = 300.0
PAGE = 3

settings_of_a_mapping = st.builds(
    Rules,
    batch_size=st.integers(1, 8),
    window_s=st.sampled_from([0.0, 5.0]),
    parallel=st.integers(1, 4),
    report_items=st.booleans(),
    bisect=st.booleans(),
    max_retries=st.sampled_from([-1, 0, 2]),
    max_age_s=st.just(MAX_AGE_S),
)
starts = st.sampled_from([TRIM_HORIZON, LATEST, Position("AT_TIMESTAMP", since_s=T0)])
picks = st.integers(0, 999)
keys = st.integers(0, KEYS - 1)


@dataclass
class StreamShard:
    """Takes the keys of a range, until it is closed."""

    first: int
    last: int
    parents: tuple[str, ...] = ()
    records: list[Record] = field(default_factory=list)
    closed: bool = False

    def page(self, position: Position) -> list[Record]:
        match position.kind:
            case "AFTER_SEQUENCE_NUMBER":
                rest = [r for r in self.records if r.sequence > position.sequence]
            case _:
                rest = [r for r in self.records if r.arrived_s >= position.since_s]
        return rest[:PAGE]


@dataclass
class Flight:
    shard: Shard
    lane: Lane
    batch: Batch


class Source(RuleBasedStateMachine):
    @initialize(rules=settings_of_a_mapping, start=starts, before=st.lists(keys, max_size=4))
    def begin(self, rules: Rules, start: Position, before: list[int]) -> None:
        self.now, self.sequence = T0 - 10, 0
        self.stream = {"s0": StreamShard(0, KEYS // 2 - 1), "s1": StreamShard(KEYS // 2, KEYS - 1)}
        self.poison: set[str] = set()
        self.owed: list[str] = []
        self.put(before, set())
        self.owed = self.owed if start == TRIM_HORIZON else []
        self.now = T0
        self.rules, self.shards = rules, Shards(rules, start)
        self.reading: list[Shard] = []
        self.flights: list[Flight] = []
        self.ended: dict[str, str] = {}
        """Of each record: done, or the condition under which it was given up."""
        self.order: defaultdict[str, list[str]] = defaultdict(list)
        """Of each key: its records as they were done or given up."""
        for shard in self.shards.listed(self.found()):
            shard.opened(self.now)
        self.reading += self.shards.begin()

    def found(self) -> list[Found]:
        return [Found(name, shard.parents) for name, shard in self.stream.items()]

    # the stream

    @rule(keys=st.lists(keys, max_size=8), poison=st.sets(st.integers(0, 7), max_size=3))
    def put(self, keys: list[int], poison: set[int]) -> None:
        for at, key in enumerate(keys):
            self.sequence += 1
            record = Record(f"{self.sequence:06d}", f"k{key}", self.now, 10, {})
            shard = next(s for s in self.stream.values() if not s.closed and s.first <= key <= s.last)
            shard.records.append(record)
            self.owed.append(record.sequence)
            if at in poison:
                self.poison.add(record.sequence)

    @rule(pick=picks)
    def split(self, pick: int) -> None:
        wide = [name for name, s in self.stream.items() if not s.closed and s.first < s.last]
        if not wide:
            return
        name = wide[pick % len(wide)]
        parent = self.stream[name]
        parent.closed = True
        middle = (parent.first + parent.last) // 2
        for first, last in ((parent.first, middle), (middle + 1, parent.last)):
            self.stream[f"s{len(self.stream)}"] = StreamShard(first, last, (name,))

    @rule(pick=picks)
    def merge(self, pick: int) -> None:
        still = sorted((s.first, name) for name, s in self.stream.items() if not s.closed)
        pairs = list(pairwise(name for _, name in still))
        if not pairs:
            return
        one, other = pairs[pick % len(pairs)]
        for name in (one, other):
            self.stream[name].closed = True
        merged = StreamShard(self.stream[one].first, self.stream[other].last, (one, other))
        self.stream[f"s{len(self.stream)}"] = merged

    # the poller

    @rule()
    def look_for_shards(self) -> None:
        self.shards.listed(self.found())
        self.reading += self.shards.begin()

    @rule(but=picks)
    def read(self, but: int) -> None:
        """A page of every shard, or of every shard but one."""
        for at, shard in enumerate(self.reading):
            if at != but % 5:
                self.read_page(shard)

    def read_page(self, shard: Shard) -> None:
        shard.opened(self.now)
        page = self.stream[shard.id].page(shard.position)
        shard.read(page, lambda _: True, self.now)
        shard.ended = self.stream[shard.id].closed and not self.stream[shard.id].page(shard.position)

    @rule(but=picks, destination_works=st.booleans())
    def step(self, but: int, destination_works: bool) -> None:
        """Each lane, or each but one."""
        for at, (shard, lane) in enumerate((s, lane) for s in self.reading for lane in s.lanes):
            if at != but % 5:
                self.step_lane(shard, lane, destination_works)

    def step_lane(self, shard: Shard, lane: Lane, destination_works: bool) -> None:
        match lane.next(self.now):
            case Batch() as batch:
                self.delivered(shard, batch)
                self.flights.append(Flight(shard, lane, batch))
            case Discarded() as discarded if destination_works:
                self.told(discarded)
                lane.told()

    def delivered(self, shard: Shard, batch: Batch) -> None:
        sequences = [record.sequence for record in batch.records]
        assert 1 <= len(sequences) <= self.rules.batch_size
        assert sequences == sorted(sequences)
        assert not set(sequences) & set(self.ended), (
            "nothing is delivered again after it was done or given up"
        )
        assert {*sequences} <= {r.sequence for r in self.stream[shard.id].records}, "one shard a batch"
        assert all(record.arrived_s >= self.now - MAX_AGE_S for record in batch.records)
        for parent in shard.parents:
            owed = {r.sequence for r in self.stream[parent].records} & set(self.owed)
            assert owed <= set(self.ended), "a parent is finished before its child begins"

    def told(self, discarded: Discarded) -> None:
        batch = discarded.batch
        if discarded.condition == "RetryAttemptsExhausted":
            assert batch.failures == self.rules.max_retries + 1
            assert not self.rules.bisect or len(batch.records) == 1, "bisecting isolates before it gives up"
        else:
            assert all(record.arrived_s < self.now - MAX_AGE_S for record in batch.records)
        self.end(batch.records, discarded.condition)

    # the function

    @precondition(lambda self: self.flights)
    @rule(pick=picks, how=st.sampled_from(["works", "works", "crashes", "is throttled", "babbles"]))
    def answer(self, pick: int, how: str) -> None:
        self.answer_flight(self.flights.pop(pick % len(self.flights)), how)

    def answer_flight(self, flight: Flight, how: str) -> None:
        records = flight.batch.records
        bad = [at for at, record in enumerate(records) if record.sequence in self.poison]
        outcome: Outcome
        if how == "is throttled":
            outcome = NotInvoked()
        elif how == "babbles":
            outcome = Failure(frozenset({"what?", records[-1].sequence}))
        elif how == "crashes" or (bad and not self.rules.report_items):
            outcome = Failure()
        elif bad:
            outcome = Failure(frozenset(records[at].sequence for at in bad))
            self.end(records[: bad[0]], "done")
        else:
            outcome = Success()
            self.end(records, "done")
        flight.lane.settle(outcome, self.now)

    def end(self, records: tuple[Record, ...], how: str) -> None:
        for record in records:
            assert record.sequence not in self.ended, "once"
            self.ended[record.sequence] = how
            self.order[record.key].append(record.sequence)

    @rule(by_s=st.sampled_from([0.1, 1.0, 10.0, 200.0]))
    def time_passes(self, by_s: float) -> None:
        self.now += by_s

    # what holds

    @invariant()
    def no_key_is_in_two_invocations(self) -> None:
        busy = [{record.key for record in flight.batch.records} for flight in getattr(self, "flights", ())]
        assert sum(map(len, busy)) == len(set().union(*busy))

    @invariant()
    def every_key_keeps_its_order(self) -> None:
        for sequences in getattr(self, "order", {}).values():
            assert sequences == sorted(sequences)

    def teardown(self) -> None:
        """From here on only the poison fails: everything comes to its end, and nothing was skipped."""
        if not hasattr(self, "flights"):
            return
        for _ in range(4 * len(self.stream) + 2 * len(self.owed) + 200):
            self.look_for_shards()
            for shard in self.reading:
                self.read_page(shard)
                for lane in shard.lanes:
                    self.step_lane(shard, lane, destination_works=True)
            while self.flights:
                self.answer_flight(self.flights.pop(), "works")
            self.now += 5
        assert set(self.owed) == set(self.ended)
        assert not any(self.ended[poison] == "done" for poison in self.poison & set(self.owed))
        self.every_key_keeps_its_order()
        assert all(shard.finished for shard in self.reading if self.stream[shard.id].closed)


TestSource = Source.TestCase


def isolate(size: int, at: int, rules: Rules) -> tuple[int, int, list[str], Batch]:
    """One poison record, that hangs whoever is given it, in a batch; and a batch after it.

    Failed invocations, all of them, the records done, and what was given up.
    """
    records = [Record(f"{n:05d}", "k", T0, 10, {}) for n in range(size + 10)]
    lane, now, done, given_up = Lane(rules), T0, [], []
    failed = invoked = 0
    lane.offer(records, now)
    for _ in range(100):
        now += 10
        match lane.next(now):
            case Discarded() as discarded:
                given_up.append(discarded.batch)
                lane.told()
            case Batch() as batch:
                invoked += 1
                hangs = records[at] in batch.records
                failed += hangs
                done += [] if hangs else [r.sequence for r in batch.records]
                lane.settle(Failure() if hangs else Success(), now)
    assert len(given_up) == 1
    assert done == [r.sequence for r in records if r is not records[at]]
    return failed, invoked, done, given_up[0]


@given(st.integers(0, 499), st.integers(0, 3))
def test_a_poison_record_in_500_is_alone_after_nine_failures(at: int, retries: int) -> None:
    failed, invoked, done, given_up = isolate(
        500, at, Rules(batch_size=500, bisect=True, max_retries=retries)
    )
    assert [record.sequence for record in given_up.records] == [f"{at:05d}"]
    assert failed <= ceil(log2(500)) + 1 + retries, "each failure a timeout: ten with no retries"
    assert len(done) == 509
    assert invoked <= 2 * failed


@pytest.mark.parametrize("size", [1, 2, 3, 100, 10_000])
def test_the_number_of_failures_grows_with_the_logarithm(size: int) -> None:
    failed, _, _, _ = isolate(size, size // 3, Rules(batch_size=size, bisect=True, max_retries=0))
    assert failed <= ceil(log2(size)) + 1
