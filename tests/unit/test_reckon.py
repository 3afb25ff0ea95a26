"""A settled record becomes what its trip pays: from the stream, from the queue, in any order, again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
from botocore.exceptions import EndpointConnectionError

from stacks.tasks.moves import Actor, Moves
from stacks.tasks.payouts.approval import Approval
from stacks.tasks.reckon.reckon import Reckoner, TooEarly
from stacks.tasks.reckon.sources import Sources
from stacks.tasks.reckoning import METHOD, NEWER, RECKONING, kept_on, newest, reproduced
from storage.items import pack
from storage.settlements import Settled, Standing
from storage.tasks import Bonus, Line, Made, Task, Trip
from storage.trips import Trip as Ridden
from tests.fakes_payouts import FakeLater
from tests.fakes_stacks import FakeTasks, FakeTrips

T0 = 1_795_492_800_000
RULES = {
    "late": {"per_minute": "0.20", "grace_minutes": 5},
    "coverage": {"full_percent": 95, "none_percent": 45},
}
BONUS = Bonus("12.50", "CNY", RULES)
TASK = Task("demo", "tk_1", "Lap", "lap@1", BONUS, T0, T0, T0 + 9, T0 + 9, T0 + 60_000)
MAX = Actor("max", "manager")
PATHS = {
    "claimed": (),
    "started": ("start",),
    "paused": ("start", "pause"),
    "abandoned": ("start", "abandon"),
    "cancelled": ("start", "cancel"),
    "finished": ("start", "finish"),
}
WHO = {"start": "courier", "pause": "courier", "finish": "courier", "abandon": "system", "cancel": "admin"}


def record(covered: float = 1.0, off_m: float = 0.0) -> dict[str, Any]:
    return {"progress": {"covered": covered}, "off_route": {"length_m": off_m}}


def settled(revision: int = 1, covered: float = 1.0, trip: str = "tr_1") -> Standing:
    ridden = Ridden(trip, "demo", "mei", "tk_1", "lap@1", T0, T0 + 480_000, T0 + 60_000)
    made = Settled(revision, f"digest {revision}", T0 + 900_000, record(covered))
    return Standing(ridden, revision, due=False, settled=made)


def row(it: Standing) -> dict[str, Any]:
    """As the pipeline's table has it."""
    found = {name: getattr(it.trip, name) for name in Ridden.__slots__} | {"marks": it.marks}
    if it.settled:
        found |= {name: getattr(it.settled, name) for name in ("revision", "digest", "settled_ms")}
        found["record"] = orjson.dumps(it.settled.record).decode()
    return pack(found)


class World:
    def __init__(self) -> None:
        self.tasks, self.pipeline, self.later = FakeTasks(), FakeTrips(), FakeLater()
        self.moves = Moves(self.tasks)
        self.reckoner = Reckoner(self.moves, lambda: (T0 + 1_000_000) / 1000)
        self.sources = Sources(self.reckoner, self.pipeline, self.later, self)
        self.said: list[str] = []
        self.tasks.add(TASK)
        trip = Trip("demo", "tr_1", "tk_1", "mei", "Lap", "lap@1", BONUS, T0, T0 + 9, T0 + 60_000)
        line = Line("tr_1", 1, T0, "mei", "courier", "claim", None, "claimed")
        assert self.tasks.claim(TASK, Made(trip, line, 3))

    def info(self, msg, *, extra) -> None:
        self.said.append(msg)

    warning = info

    def exception(self, msg) -> None:
        self.said.append(msg)

    def to(self, state) -> World:
        changes = {
            "start": {"started_ms": T0},
            "finish": {"ended_ms": T0 + 480_000},
            "cancel": {"ended_ms": T0 + 9},
        }
        for action in PATHS[state]:
            by = Actor("mei" if WHO[action] == "courier" else "x", WHO[action])
            self.moves.apply("demo", "tr_1", action, by, T0, lambda *_, a=action: changes.get(a, {}))
        return self

    @property
    def trip(self) -> Trip:
        return self.tasks.trip("demo", "tr_1")

    def approve(self) -> None:
        Approval(self.moves).approve("demo", "tr_1", MAX, T0)

    def reject(self) -> None:
        Approval(self.moves).reject("demo", "tr_1", MAX, T0, "no")

    def pay(self) -> None:
        self.moves.apply("demo", "tr_1", "pay", Actor("ada", "admin"), T0, more={"payout": "po_1"})


@pytest.fixture
def world():
    return World().to("finished")


def test_a_settled_trip_has_its_calculation_with_all_that_it_was_made_from(world) -> None:
    assert world.reckoner.take(settled(covered=0.7)) == "settled"
    trip, kept = world.trip, kept_on(world.trip)
    assert trip.state == "settled"
    assert [(line.rule, str(line.amount)) for line in kept.lines] == [
        ("base", "12.50"), ("coverage", "-6.25"), ("late", "-0.40"),
    ]  # fmt: skip
    assert (str(kept.total), kept.currency, kept.revision, kept.facts.record) == (
        "5.85",
        "CNY",
        1,
        "digest 1",
    )
    assert reproduced(trip, kept)
    assert trip.more[RECKONING]["total"] == "5.85"
    line = world.tasks.audit("demo", "tr_1")[-1]
    assert (line.action, line.by, line.role, line.note) == (
        "settle",
        "system",
        "system",
        "revision 1: 5.85 CNY",
    )


def test_the_same_record_again_changes_nothing(world) -> None:
    world.reckoner.take(settled())
    before = world.trip
    assert world.reckoner.take(settled()) == "known"
    assert world.trip == before
    assert len(world.tasks.audit("demo", "tr_1")) == 4


def test_a_newer_record_counts_and_an_older_one_never(world) -> None:
    assert world.reckoner.take(settled(2, covered=0.95)) == "settled"
    assert world.reckoner.take(settled(1, covered=0.2)) == "known"
    assert (kept_on(world.trip).revision, str(kept_on(world.trip).total)) == (2, "12.10")
    assert world.reckoner.take(settled(3, covered=0.45)) == "settled"
    assert str(kept_on(world.trip).total) == "0.00"
    assert [line.action for line in world.tasks.audit("demo", "tr_1")].count("settle") == 2


@pytest.mark.parametrize("paid", [False, True])
def test_what_was_approved_is_not_changed_by_a_later_record_but_marked(world, paid) -> None:
    world.reckoner.take(settled())
    world.approve()
    if paid:
        world.pay()
    agreed, state = kept_on(world.trip), world.trip.state
    assert world.reckoner.take(settled(2, covered=0.5)) == "marked"
    assert (world.trip.state, kept_on(world.trip)) == (state, agreed)
    assert kept_on(world.trip, NEWER).revision == newest(world.trip) == 2
    for older in (1, 2):
        assert world.reckoner.take(settled(older)) == "known"
    assert world.reckoner.take(settled(3)) == "marked"
    assert kept_on(world.trip, NEWER).revision == 3
    assert [line.action for line in world.tasks.audit("demo", "tr_1")][-2:] == ["revise", "revise"]


def test_an_approval_that_is_taken_back_leaves_the_newest_calculation(world) -> None:
    world.reckoner.take(settled())
    world.approve()
    world.reckoner.take(settled(2, covered=0.7))
    world.reject()
    assert (world.trip.state, kept_on(world.trip).revision) == ("settled", 2)
    assert NEWER not in world.trip.more
    assert world.reckoner.take(settled(2)) == "known"
    assert world.reckoner.take(settled(3)) == "settled"


def test_a_record_that_lost_to_an_approval_in_between_is_marked(world) -> None:
    world.reckoner.take(settled())
    move, raced = world.tasks.move, []

    def overtaken(*args: Any) -> bool:
        if not raced:
            raced.append(1)
            world.approve()
        return move(*args)

    world.tasks.move = overtaken
    assert world.reckoner.take(settled(2, covered=0.5)) == "marked"
    assert kept_on(world.trip).revision == 1


@pytest.mark.parametrize("state", ["claimed", "started", "paused", "abandoned"])
def test_a_record_before_the_finish_comes_again_and_counts_then(state) -> None:
    world = World().to(state)
    with pytest.raises(TooEarly):
        world.reckoner.take(settled())
    world = World().to(state)
    record = {"dynamodb": {"NewImage": row(settled()), "SequenceNumber": "7"}}
    assert world.sources.from_stream([record]) == []
    assert world.later.sent == [{"trip": "tr_1"}]
    world.pipeline.rows["tr_1"], world.pipeline.settled["tr_1"] = settled().trip, settled().settled
    message = {"messageId": "m1", "body": orjson.dumps(world.later.sent[0]).decode()}
    assert world.sources.from_queue([message]) == ["m1"]
    if state == "claimed":
        world.moves.apply("demo", "tr_1", "start", Actor("mei", "courier"), T0, lambda *_: {"started_ms": T0})
    ended = {"ended_ms": T0 + 480_000}
    world.moves.apply("demo", "tr_1", "finish", Actor("mei", "courier"), T0, lambda *_: ended)
    assert world.sources.from_queue([message]) == []
    assert world.trip.state == "settled"


def test_a_cancelled_trip_pays_nothing_whatever_was_ridden() -> None:
    world = World().to("cancelled")
    before = world.trip
    assert world.reckoner.take(settled()) == "unpaid"
    assert world.trip == before


def test_a_trip_of_no_task_is_left_alone(world) -> None:
    assert world.reckoner.take(settled(trip="tr_9")) == "unknown"


def test_one_record_that_cannot_be_taken_holds_up_no_other(world) -> None:
    bad = replace(settled(trip="tr_1"), settled=Settled(1, "d", T0, {"no": "progress"}))
    records = [
        {"dynamodb": {"NewImage": row(it), "SequenceNumber": str(i)}} for i, it in enumerate((bad, settled()))
    ]
    assert world.sources.from_stream(records) == []
    assert world.later.sent == [{"trip": "tr_1"}]
    assert kept_on(world.trip).revision == 1


def test_a_record_whose_queue_does_not_answer_is_delivered_again(world) -> None:
    def down(_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://queue.example")

    world.later.send = down
    record = {"dynamodb": {"NewImage": row(settled()), "SequenceNumber": "7"}}
    world.tasks.trip = lambda *_: 1 / 0
    assert world.sources.from_stream([record]) == ["7"]


def test_a_trip_that_has_gone_from_the_pipeline_is_asked_for_no_more(world) -> None:
    assert world.sources.from_queue([{"messageId": "m1", "body": '{"trip": "tr_9"}'}]) == []


def test_what_was_reckoned_before_the_arrival_was_known_comes_out_again_line_by_line(world) -> None:
    """As the code of before kept it on its trips: the bytes never change."""
    golden = orjson.loads((Path(__file__).parent.parent / "golden" / "reckoning-1.json").read_bytes())
    for told in golden["reckonings"]:
        more = {RECKONING: told["kept"]}
        trip = replace(world.trip, bonus=Bonus(**golden["bonus"]), ended_ms=told["finished_ms"], more=more)
        assert told["kept"]["method"] == METHOD
        assert reproduced(trip, kept_on(trip))
        on_time = replace(trip, bonus=replace(trip.bonus, amount="12.51"))
        assert not reproduced(on_time, kept_on(trip))


def test_what_does_not_come_out_again_is_said_to(world) -> None:
    world.reckoner.take(settled())
    kept = kept_on(world.trip)
    assert not reproduced(world.trip, msgspec.structs.replace(kept, method=METHOD + 1))
    assert not reproduced(world.trip, msgspec.structs.replace(kept, total=kept.total + 1))
    other = replace(world.trip, bonus=Bonus("13.50", "CNY", RULES))
    assert not reproduced(other, kept)
