"""Approval and payouts, from the HTTP event to the answer."""

from __future__ import annotations

import csv
import io
import json
import logging
from dataclasses import replace
from typing import Any

import pytest

from stacks.tasks.moves import Moves
from stacks.tasks.payouts import handler as api
from stacks.tasks.payouts.batch import Payouts
from stacks.tasks.payouts.table import cell
from stacks.tasks.payouts.wiring import wired
from stacks.tasks.reckon.reckon import Reckoner
from storage.damage import Damaged
from storage.settlements import Settled, Standing
from storage.tasks import Bonus, Line, Task, Trip
from storage.trips import Trip as Ridden
from telemetry.api import Request, answer, refuse
from telemetry.problem import Problem, Unavailable
from tests import events
from tests.fakes_payouts import FakePayouts
from tests.fakes_stacks import FakeTasks

T0 = 1_795_492_800.0
MS = round(T0 * 1000)
RULES = {"coverage": {"full_percent": 95, "none_percent": 45}}
BONUS, APPROVE, REJECT = (
    "GET /v1/trips/{trip}/bonus",
    "POST /v1/trips/{trip}/approve",
    "POST /v1/trips/{trip}/reject",
)
OVERVIEW, MAKE, ONE = "GET /v1/payouts", "POST /v1/payouts", "GET /v1/payouts/{payout}"


class World:
    def __init__(self) -> None:
        self.now, self.tasks = T0, FakeTasks()
        self.store, self.moves = FakePayouts(self.tasks), Moves(self.tasks)
        self.wired = wired(self.tasks, self.store, self.moves)
        self.count = 0

    def call(self, route, body=None, role="manager", user="max", fleet="demo", key=None, query=None, **path):
        event = events.http(
            route,
            None if body is None else json.dumps(body),
            pathParameters=path,
            queryStringParameters=query,
        )
        events.signed_in(event, role, user, fleet)
        if key:
            event["headers"]["idempotency-key"] = key
        try:
            response = api.ENDPOINTS[route](self.wired, Request(event, lambda: self.now))
        except Problem as problem:
            response = refuse(problem)
        text = response["body"]
        is_json = "json" in response["headers"]["content-type"]
        return response["statusCode"], json.loads(text) if is_json else text

    def finished(self, courier="mei", amount="12.50", currency="CNY", title="Morning lap") -> str:
        """A finished trip of a task of its own."""
        self.count += 1
        task, trip = f"tk_{self.count:016}", f"tr_{self.count:016}"
        bonus = Bonus(amount, currency, RULES)
        job = Task("demo", task, title, "lap@1", bonus, MS, MS, MS + 9, MS + 9, MS + 9)
        made = Trip("demo", trip, task, courier, title, "lap@1", bonus, MS, MS + 9, MS + 9)
        done = replace(made, state="finished", rev=3, started_ms=MS, ended_ms=MS + 480_000)
        self.tasks.add(job)
        self.tasks.trips["demo", trip] = done
        self.tasks.couriers.setdefault(("demo", courier), self.tasks.courier("demo", courier))
        self.tasks.lines["demo", trip] = [Line(trip, 1, MS, courier, "courier", "claim", None, "claimed")]
        return trip

    def settle(self, trip: str, revision: int = 1, covered: float = 1.0) -> str:
        row = self.tasks.trip("demo", trip)
        record = {"progress": {"covered": covered}, "off_route": {"length_m": 0}}
        ridden = Ridden(trip, "demo", row.courier, row.task, row.route, row.started_ms, row.ended_ms)
        settled = Settled(revision, f"digest {revision}", MS, record)
        Reckoner(self.moves, lambda: self.now).take(Standing(ridden, revision, due=False, settled=settled))
        return trip

    def approved(self, *args: Any, **more: Any) -> str:
        trip = self.settle(self.finished(*args, **more))
        assert self.call(APPROVE, trip=trip)[0] == 200
        return trip

    def make(self, key=None, user="ada"):
        return self.call(MAKE, role="admin", user=user, key=key)


@pytest.fixture
def world():
    return World()


def test_a_bonus_is_shown_line_by_line_with_what_it_was_made_from(world) -> None:
    trip = world.finished()
    status, told = world.call(BONUS, role="courier", user="mei", trip=trip)
    assert (status, told["calculation"], told["terms"]["amount"]) == (200, None, "12.50")
    world.settle(trip, covered=0.7)
    status, told = world.call(BONUS, role="courier", user="mei", trip=trip)
    made = told["calculation"]
    assert [(line["rule"], line["amount"]) for line in made["lines"]] == [
        ("base", "12.50"),
        ("coverage", "-6.25"),
    ]
    assert (made["total"], made["currency"], made["reproduced"], made["revision"]) == ("6.25", "CNY", True, 1)
    assert made["facts"] == {
        "finished_at": T0 + 480, "deadline": T0 + 0.009, "covered_percent": "70.00", "off_route_m": 0,
        "arrived_at": None, "not_before": None, "left_m": None,
        "record": "digest 1",
    }  # fmt: skip
    assert world.call(BONUS, role="courier", user="wang", trip=trip)[0] == 403
    assert world.call(BONUS, trip=trip)[0] == 200
    assert world.call(BONUS, fleet="rival", trip=trip)[0] == 404


def test_a_manager_approves_what_was_looked_at(world) -> None:
    trip = world.finished()
    status, problem = world.call(APPROVE, trip=trip)
    assert (status, "must be settled" in problem["detail"]) == (409, True)
    world.settle(trip)
    world.settle(trip, 2, covered=0.7)
    status, problem = world.call(APPROVE, {"revision": 1}, trip=trip)
    assert status == 409
    assert "pays 6.25 CNY by revision 2" in problem["detail"]
    status, told = world.call(APPROVE, {"revision": 2, "note": "fine"}, trip=trip)
    assert (status, told["state"], told["changed_since_approval"]) == (200, "approved", False)
    assert world.call(APPROVE, trip=trip) == (200, told)
    assert world.tasks.audit("demo", trip)[-1].note == "fine"


def test_a_later_record_is_shown_beside_the_approved_one(world) -> None:
    trip = world.approved()
    world.settle(trip, 2, covered=0.7)
    told = world.call(BONUS, trip=trip)[1]
    assert (told["state"], told["calculation"]["total"], told["newer"]["total"]) == (
        "approved",
        "12.50",
        "6.25",
    )
    assert world.call(OVERVIEW)[1]["unpaid"] == [
        {"courier": "mei", "currency": "CNY", "amount": "12.50", "trips": 1, "changed": 1}
    ]
    status, after = world.call(REJECT, {"note": "ridden in part"}, trip=trip)
    assert (status, after["state"], after["changed_since_approval"]) == (200, "settled", False)
    told = world.call(BONUS, trip=trip)[1]
    assert (told["calculation"]["total"], told["newer"]) == ("6.25", None)
    assert told["rejected"] == {"by": "max", "at": T0, "note": "ridden in part"}


@pytest.mark.parametrize("key", [None, "k"])
def test_who_approves_the_later_record_is_not_told_that_it_is_approved(world, key) -> None:
    """It pays 12.50 by the first; the manager has looked at 6.25."""
    trip = world.approved()
    world.settle(trip, 2, 0.7)
    status, problem = world.call(APPROVE, {"revision": 2}, trip=trip, key=key)
    assert status == 409
    assert "approved by revision 1 and pays 12.50 CNY" in problem["detail"]
    assert world.call(APPROVE, {"revision": 1}, trip=trip)[0] == 200
    assert world.call(REJECT, {"note": "newer"}, trip=trip)[0] == 200
    assert world.call(APPROVE, {"revision": 2}, trip=trip, key=key)[0] == 200


def test_a_rejection_says_why_and_may_be_repeated(world) -> None:
    trip = world.approved()
    assert world.call(REJECT, {}, trip=trip)[0] == 400
    assert world.call(REJECT, {"note": ""}, trip=trip)[0] == 400
    first = world.call(REJECT, {"note": "no"}, trip=trip)
    assert first[0] == 200
    assert world.call(REJECT, {"note": "no"}, trip=trip) == first
    assert world.call(APPROVE, trip=trip)[0] == 200
    assert world.call(BONUS, trip=trip)[1]["rejected"] is None
    assert [line.action for line in world.tasks.audit("demo", trip)][1:] == [
        "settle", "approve", "reject", "approve",
    ]  # fmt: skip


def test_nobody_rejects_what_was_never_approved_or_is_paid(world) -> None:
    trip = world.settle(world.finished())
    assert world.call(REJECT, {"note": "no"}, trip=trip)[0] == 409
    world.call(APPROVE, trip=trip)
    assert world.make()[0] == 201
    assert world.call(REJECT, {"note": "no"}, trip=trip)[0] == 409


def test_a_payout_pays_what_is_approved_once(world) -> None:
    trips = [world.approved("mei"), world.approved("mei", "0.10"), world.approved("wang", "700", "JPY")]
    other = world.settle(world.finished())
    status, payout = world.make()
    assert status == 201
    assert payout["sums"] == [
        {"courier": "mei", "currency": "CNY", "amount": "12.60", "trips": 2},
        {"courier": "wang", "currency": "JPY", "amount": "700", "trips": 1},
    ]
    assert [line["trip"] for line in payout["lines"]] == trips
    assert (payout["by"], payout["made_at"], payout["complete"], payout["trips"]) == ("ada", T0, True, 3)
    assert {world.tasks.trip("demo", trip).state for trip in trips} == {"paid"}
    assert world.tasks.trip("demo", other).state == "settled"
    assert world.call(BONUS, trip=trips[0])[1]["payout"] == payout["payout"]
    status, problem = world.make()
    assert (status, "Nothing is approved" in problem["detail"]) == (409, True)
    told = world.call(OVERVIEW)[1]
    assert told["unpaid"] == []
    assert [it["payout"] for it in told["payouts"]] == [payout["payout"]]
    assert world.call(ONE, payout=payout["payout"]) == (200, payout)
    assert world.call(ONE, payout="po_9")[0] == 404


def test_the_same_key_is_answered_the_same_though_more_was_approved(world) -> None:
    world.approved()
    first = world.make(key="k1")
    world.approved()
    assert world.make(key="k1") == first
    assert len(world.store.rows) == 1
    assert world.make(key="k2")[0] == 201
    assert len(world.store.rows) == 2


def stop_after(world, moves: int) -> None:
    """The function ends after so many trips were paid."""
    real, left = world.tasks.move, [moves]

    def move(*args: Any) -> bool:
        if not left[0]:
            raise TimeoutError
        left[0] -= 1
        return real(*args)

    world.tasks.move = move


@pytest.mark.parametrize("key", [None, "k1"])
def test_a_payout_that_was_cut_off_goes_on_where_it_was(world, key) -> None:
    trips = [world.approved() for _ in range(5)]
    real = world.tasks.move
    stop_after(world, 2)
    with pytest.raises(TimeoutError):
        world.make(key=key)
    world.tasks.move = real
    (name,) = (it.payout for it in world.store.rows.values())
    assert world.call(ONE, payout=name)[0] == 409
    assert world.call(OVERVIEW)[1]["payouts"][0]["complete"] is False
    late = world.approved()
    status, payout = world.make(key=key, user="ada" if key else "eve")
    assert (status, payout["payout"]) == (201, name)
    assert [line["trip"] for line in payout["lines"]] == trips
    assert world.tasks.trip("demo", late).state == "approved"
    if key:
        assert world.make(key=key) == (201, payout)


def test_what_is_taken_back_meanwhile_is_not_paid_by_that_payout_not_even_later(world) -> None:
    trips = [world.approved() for _ in range(3)]
    real = world.tasks.move
    stop_after(world, 1)
    with pytest.raises(TimeoutError):
        world.make()
    world.tasks.move = real
    assert world.call(REJECT, {"note": "no"}, trip=trips[1])[0] == 200
    assert world.call(APPROVE, trip=trips[1])[0] == 200
    payout = world.make()[1]
    assert [line["trip"] for line in payout["lines"]] == [trips[0], trips[2]]
    assert world.tasks.trip("demo", trips[1]).state == "approved"
    following = world.make()[1]
    assert [line["trip"] for line in following["lines"]] == [trips[1]]


def test_who_lags_behind_cannot_pay_what_the_complete_payout_left_out(world) -> None:
    trips = [world.approved() for _ in range(3)]
    move = world.tasks.move

    def overtaken(*args: Any) -> bool:
        world.tasks.move = move
        assert world.call(REJECT, {"note": "no"}, trip=trips[2])[0] == 200
        assert [line["trip"] for line in world.make(user="eve")[1]["lines"]] == trips[:2]
        assert world.call(APPROVE, trip=trips[2])[0] == 200
        return move(*args)

    world.tasks.move = overtaken
    assert [line["trip"] for line in world.make()[1]["lines"]] == trips[:2]
    assert world.tasks.trip("demo", trips[2]).state == "approved"
    assert [line["trip"] for line in world.make()[1]["lines"]] == trips[2:]


def test_a_payout_has_so_many_trips_and_the_rest_is_the_next_ones(world) -> None:
    trips = [world.approved() for _ in range(5)]
    world.wired = world.wired._replace(payouts=Payouts(world.moves, world.store, most=2))
    sizes = []
    while (made := world.make())[0] == 201:
        sizes.append([line["trip"] for line in made[1]["lines"]])
    assert sizes == [trips[:2], trips[2:4], trips[4:]]


def test_more_trips_than_a_transaction_holds_are_one_payout(world) -> None:
    trips = [world.approved() for _ in range(130)]
    payout = world.make()[1]
    assert [line["trip"] for line in payout["lines"]] == trips
    assert payout["sums"][0]["amount"] == "1625.00"


def test_of_two_who_ask_at_once_one_pays(world) -> None:
    trips = [world.approved() for _ in range(3)]
    begin, answers = world.store.begin, []

    def overtaken(*args: Any) -> bool:
        world.store.begin = begin
        answers.append(world.make(user="eve"))
        return begin(*args)

    world.store.begin = overtaken
    # What it had planned is paid by then: nothing is left for it.
    assert world.make()[1]["lines"] == []
    assert [line["trip"] for line in answers[0][1]["lines"]] == trips


def test_who_asks_while_a_payout_is_made_goes_on_with_it(world) -> None:
    trips = [world.approved() for _ in range(3)]
    complete, answers = world.store.complete, []

    def overtaken(*args: Any) -> bool:
        world.store.complete = complete
        answers.append(world.make(user="eve"))
        return complete(*args)

    world.store.complete = overtaken
    status, payout = world.make()
    assert (status, payout) == answers[0]
    assert [line["trip"] for line in payout["lines"]] == trips
    assert len(world.store.rows) == 1


def test_a_payout_as_csv_is_plain_and_safe_to_open(world) -> None:
    titles = ['=HYPERLINK("http://x","y")', "晨跑, 港口", '"quoted"\nline', "+1", "-1", "@sum", "\t=1", " =1"]
    trips = [world.approved("wang" if i else "mei", title=title) for i, title in enumerate(titles)]
    payout = world.make()[1]
    status, text = world.call(ONE, payout=f"{payout['payout']}.csv")
    assert status == 200
    assert (
        text.split("\r\n")[0] == "payout,made_at,courier,currency,amount,trip,task,title,finished_at,revision"
    )
    assert text.endswith("\r\n")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["trip"] for row in rows] == trips
    assert [row["title"] for row in rows] == [cell(title) for title in titles]
    assert [row["title"][0] == "'" for row in rows] == [True, False, False, True, True, True, True, True]
    assert {(row["amount"], row["currency"], row["courier"]) for row in rows[1:]} == {
        ("12.50", "CNY", "wang")
    }
    assert rows[0]["made_at"] == "2026-11-24T04:00:00Z"


def damage(world, trip: str, reckoning: Any) -> Trip:
    """As it was before."""
    row = world.tasks.trips["demo", trip]
    world.tasks.trips["demo", trip] = replace(row, more=row.more | {"reckoning": reckoning})
    return row


@pytest.mark.parametrize("kept", [None, {"revision": 1, "total": "much"}, "12.50"])
def test_no_payout_and_no_sum_leaves_a_trip_out_silently(world, kept) -> None:
    """One that was approved, and whose amount cannot be read: it is named, and nobody is paid meanwhile."""
    bad, good = world.approved(), world.approved("wang")
    before = damage(world, bad, kept)
    for status, problem in (world.make(), world.call(OVERVIEW)):
        assert (status, bad in problem["detail"]) == (500, True)
    assert world.store.rows == {}
    assert world.tasks.trip("demo", good).state == "approved"
    world.tasks.trips["demo", bad] = before
    status, payout = world.make()
    assert (status, {line["trip"] for line in payout["lines"]}) == (201, {bad, good})


@pytest.mark.parametrize("kept", [{"revision": 1, "total": "much"}, "12.50"])
def test_who_looks_at_a_trip_whose_reckoning_cannot_be_read_is_told_which_it_is(world, kept) -> None:
    trip = world.approved()
    damage(world, trip, kept)
    for status, problem in (world.call(BONUS, trip=trip), world.call(APPROVE, {"revision": 1}, trip=trip)):
        assert (status, trip in problem["detail"]) == (500, True)


def test_a_trip_that_is_damaged_while_its_payout_is_made_stops_it_until_it_is_mended(world) -> None:
    first, second = world.approved(), world.approved("wang")
    real = world.tasks.move
    stop_after(world, 0)
    with pytest.raises(TimeoutError):
        world.make()
    world.tasks.move = real
    before = damage(world, second, None)
    status, problem = world.make()
    assert (status, second in problem["detail"]) == (500, True)
    assert world.tasks.trip("demo", second).state == "approved"
    world.tasks.trips["demo", second] = before
    status, payout = world.make()
    assert (status, payout["complete"]) == (201, True)
    assert {line["trip"] for line in payout["lines"]} == {first, second}


def test_what_cannot_be_read_is_named_in_the_answer_and_its_reason_in_the_log(caplog) -> None:
    def act(_: Request) -> Any:
        raise Damaged("demo", "tr_1", "KeyError: 'task'")

    response = answer(act, {}, logging.getLogger())
    assert response["statusCode"] == 500
    assert "tr_1" in response["body"]
    assert "KeyError" not in response["body"]
    assert "tr_1 of fleet demo cannot be read: KeyError: 'task'" in caplog.text


def test_a_payout_is_asked_for_again_where_the_table_is_busy(world) -> None:
    world.approved()
    world.store.begin = lambda *_: False
    with pytest.raises(Unavailable):
        world.wired.payouts.make("demo", api.Actor("ada", "admin"), T0)
