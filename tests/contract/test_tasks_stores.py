"""The stores behind tasks: the AWS adapters and the fakes keep the same promises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import boto3
import pytest

from geo.arrival import Stop
from geo.drawing import compile_route
from geo.route import CompiledRoute
from storage.catalog import DynamoCatalog, Route, S3Lines
from storage.routes import S3Routes
from storage.tasks import (
    Bonus,
    Claim,
    Courier,
    DynamoSchedules,
    DynamoTasks,
    Kept,
    Line,
    Made,
    Move,
    Schedule,
    Task,
)
from storage.tasks import Trip as TaskTrip
from storage.trips import DynamoTrips, Trip
from tests.fakes_stacks import FakeCatalog, FakeLines, FakeTasks, FakeTrips
from tests.fakes_tasks import FakeSchedules
from tests.tables import make_table, table_of

T0 = 1_795_492_800_000
TASK = Task(
    fleet="demo", task="tk_1", title="Morning lap", route="lap@1",
    bonus=Bonus("12.50", "CNY", {"on_time": {"amount": "1.00"}}), created_ms=T0, opens_ms=T0,
    closes_ms=T0 + 60_000, start_until_ms=T0 + 90_000, deadline_ms=T0 + 120_000, start_from_ms=T0 - 5,
    quantity=2, left=2, tags=("bike", "cold-chain"), photos=1, notes="Ring.", place=(31.2304, 121.4737),
)  # fmt: skip
SINGLE = replace(TASK, quantity=1, left=1)
TEMPLATE = "stacks/tasks/template.yaml"


@pytest.fixture(params=["fake", "dynamodb"])
def tasks(request):
    if request.param == "fake":
        return FakeTasks()
    return DynamoTasks(*table_of(request, TEMPLATE, "TasksTable"))


@pytest.fixture(params=["fake", "dynamodb"])
def trips(request):
    return (
        FakeTrips()
        if request.param == "fake"
        else DynamoTrips(request.getfixturevalue("dynamodb"), "TripsTable")
    )


@pytest.fixture(params=["fake", "dynamodb"])
def catalog(request):
    if request.param == "fake":
        return FakeCatalog()
    return DynamoCatalog(*table_of(request, TEMPLATE, "RoutesTable"))


def begun(name: str, courier: str = "mei", at_ms: int = T0, limit: int = 3, task: str = "tk_1") -> Made:
    trip = TaskTrip(
        fleet="demo", trip=name, task=task, courier=courier, title="Morning lap", route="lap@1",
        bonus=TASK.bonus, claimed_ms=at_ms, start_until_ms=T0 + 90_000, deadline_ms=T0 + 120_000, photos=1,
    )  # fmt: skip
    return Made(trip, Line(name, 1, at_ms, courier, "courier", "claim", None, "claimed"), limit)


def moved(tasks, name: str, action, state, task=None, kept=None, at_ms: int = T0 + 5, **changes) -> bool:
    """One step of a trip as the store has it."""
    before = tasks.trip("demo", name)
    after = replace(before, state=state, rev=before.rev + 1, **changes)
    line = Line(name, after.rev, at_ms, before.courier, "courier", action, before.state, state, "so")
    rider = tasks.courier("demo", before.courier)
    return tasks.move(Move(before, after, line, task, rider=rider), kept)


def claimed(tasks, name: str = "tr_1", courier: str = "mei", task: str = "tk_1") -> TaskTrip:
    if tasks.get("demo", task) is None:
        assert tasks.add(replace(TASK, task=task))
    made = begun(name, courier, task=task)
    assert tasks.claim(tasks.get("demo", task), made)
    return made.trip


def test_a_task_comes_back_as_it_was_put(tasks) -> None:
    assert tasks.add(TASK)
    assert not tasks.add(replace(TASK, title="Another"))
    assert tasks.get("demo", "tk_1") == TASK
    bare = replace(
        TASK, task="tk_2", start_from_ms=None, tags=(), notes="", place=None, bonus=Bonus("1", "JPY")
    )
    assert tasks.add(bare)
    assert tasks.get("demo", "tk_2") == bare
    assert tasks.get("other", "tk_1") is None
    assert tasks.get("demo", "courier/mei") is None


def test_each_place_is_ones(tasks) -> None:
    tasks.add(TASK)
    first = tasks.get("demo", "tk_1")
    assert tasks.claim(first, begun("tr_1", "mei"))
    assert tasks.claim(first, begun("tr_2", "wang")) is False or tasks.get("demo", "tk_1").left == 0
    again = tasks.get("demo", "tk_1")
    if again.left:
        assert tasks.claim(again, begun("tr_2", "wang"))
    taken = tasks.get("demo", "tk_1")
    assert (taken.left, taken.status) == (0, "taken")
    for seen in (first, again, taken):
        assert not tasks.claim(seen, begun("tr_3", "li"))
    assert tasks.trip("demo", "tr_3") is None
    assert tasks.courier("demo", "li") == Courier()
    assert tasks.audit("demo", "tr_3") == []


@pytest.mark.parametrize(
    ("changes", "at_ms"),
    [({}, TASK.closes_ms), ({"opens_ms": T0 + 9}, T0 + 8), ({"withdrawn": True, "status": "withdrawn"}, T0)],
)
def test_a_claim_outside_its_time_or_of_a_withdrawn_task_fails(tasks, changes, at_ms) -> None:
    task = replace(SINGLE, **changes)
    tasks.add(task)
    assert not tasks.claim(task, begun("tr_1", at_ms=at_ms))
    assert tasks.get("demo", "tk_1") == task


def test_a_claim_whose_task_was_not_yet_told_open_wins(tasks) -> None:
    tasks.add(replace(SINGLE, status="scheduled"))
    assert tasks.claim(tasks.get("demo", "tk_1"), begun("tr_1"))
    assert tasks.get("demo", "tk_1").status == "taken"


def test_nobody_has_a_task_twice_or_more_than_the_limit(tasks) -> None:
    claimed(tasks)
    assert not tasks.claim(tasks.get("demo", "tk_1"), begun("tr_2"))
    claimed(tasks, "tr_2", task="tk_2")
    tasks.add(replace(TASK, task="tk_3"))
    third = tasks.get("demo", "tk_3")
    assert not tasks.claim(third, begun("tr_3", limit=2, task="tk_3"))
    assert tasks.get("demo", "tk_3") == third
    assert tasks.courier("demo", "mei").open == 2
    assert tasks.claim(third, begun("tr_3", limit=3, task="tk_3"))


def test_a_claim_is_all_there_at_once(tasks) -> None:
    trip = claimed(tasks)
    assert tasks.trip("demo", "tr_1") == trip
    desk = tasks.desk("demo", "tk_1", "mei")
    assert (desk.task.left, desk.claim, desk.courier) == (1, Claim("tr_1", held=True), Courier(open=1))
    assert tasks.audit("demo", "tr_1") == [
        Line("tr_1", 1, T0, "mei", "courier", "claim", None, "claimed", "")
    ]
    assert tasks.desk("demo", "courier/mei", "mei").task is None
    assert tasks.trip("demo", "tr_1/000001") is None


def test_a_ride_changes_trip_courier_and_claim_together(tasks) -> None:
    claimed(tasks)
    assert moved(tasks, "tr_1", "start", "started", started_ms=T0 + 5)
    assert tasks.courier("demo", "mei") == Courier(1, "tr_1")
    assert moved(tasks, "tr_1", "pause", "paused", paused_ms=T0 + 6)
    assert tasks.courier("demo", "mei") == Courier(1, "tr_1")
    assert moved(tasks, "tr_1", "abandon", "abandoned")
    assert tasks.courier("demo", "mei") == Courier(0, "tr_1")
    assert moved(tasks, "tr_1", "finish", "finished", ended_ms=T0 + 9, paused_ms=None, rest_ms=3)
    assert tasks.courier("demo", "mei") == Courier(0, None, "tr_1", T0 + 9)
    assert tasks.desk("demo", "tk_1", "mei").claim == Claim("tr_1", held=False)
    trip = tasks.trip("demo", "tr_1")
    assert (trip.state, trip.rev, trip.started_ms, trip.paused_ms, trip.ended_ms, trip.rest_ms) == (
        "finished", 5, T0 + 5, None, T0 + 9, 3,
    )  # fmt: skip
    lines = tasks.audit("demo", "tr_1")
    assert [(line.rev, line.action, line.before, line.after) for line in lines] == [
        (1, "claim", None, "claimed"),
        (2, "start", "claimed", "started"),
        (3, "pause", "started", "paused"),
        (4, "abandon", "paused", "abandoned"),
        (5, "finish", "abandoned", "finished"),
    ]
    assert lines[1] == Line("tr_1", 2, T0 + 5, "mei", "courier", "start", "claimed", "started", "so")


def test_what_was_read_before_another_step_loses(tasks) -> None:
    stale = claimed(tasks)
    assert moved(tasks, "tr_1", "start", "started", started_ms=T0 + 5)
    gone = replace(stale, state="released", rev=2, ended_ms=T0)
    line = Line("tr_1", 2, T0, "mei", "courier", "release", "claimed", "released")
    assert not tasks.move(Move(stale, gone, line, tasks.get("demo", "tk_1")))
    assert tasks.trip("demo", "tr_1").state == "started"
    assert tasks.get("demo", "tk_1").left == 1
    assert len(tasks.audit("demo", "tr_1")) == 2


def test_nobody_rides_twice_and_a_stale_view_of_the_courier_loses(tasks) -> None:
    claimed(tasks)
    claimed(tasks, "tr_2", task="tk_2")
    fresh = tasks.courier("demo", "mei")
    assert moved(tasks, "tr_1", "start", "started", started_ms=T0)
    assert not moved(tasks, "tr_2", "start", "started", started_ms=T0)
    assert moved(tasks, "tr_1", "finish", "finished", ended_ms=T0 + 9)
    before = tasks.trip("demo", "tr_2")
    after = replace(before, state="started", rev=2, started_ms=T0 + 5)
    line = Line("tr_2", 2, T0, "mei", "courier", "start", "claimed", "started")
    assert not tasks.move(Move(before, after, line, rider=fresh))
    assert tasks.move(Move(before, after, line, rider=tasks.courier("demo", "mei")))
    assert tasks.courier("demo", "mei") == Courier(1, "tr_2", "tr_1", T0 + 9)


@pytest.mark.parametrize(
    ("at_ms", "changes", "status"),
    [(T0 + 5, {}, "open"), (TASK.closes_ms, {}, "closed"), (T0 + 5, {"withdrawn": True}, "withdrawn")],
)
def test_a_release_gives_the_place_back_to_a_task_as_it_is_then(tasks, at_ms, changes, status) -> None:
    tasks.add(SINGLE)
    assert tasks.claim(SINGLE, begun("tr_1"))
    taken = tasks.get("demo", "tk_1")
    if changes:
        assert tasks.change(taken, replace(taken, rev=taken.rev + 1, **changes))
    stale, task = taken, tasks.get("demo", "tk_1")
    if changes:
        assert not moved(tasks, "tr_1", "release", "released", stale, at_ms=at_ms, ended_ms=at_ms)
    assert moved(tasks, "tr_1", "release", "released", task, at_ms=at_ms, ended_ms=at_ms)
    back = tasks.get("demo", "tk_1")
    assert (back.left, back.status) == (1, status)
    assert tasks.desk("demo", "tk_1", "mei").claim == Claim("tr_1", held=False)
    assert tasks.courier("demo", "mei") == Courier()
    if status == "open":
        assert tasks.claim(back, begun("tr_2", at_ms=T0 + 7))


def test_a_claim_is_passed_on_in_one_step(tasks) -> None:
    trip = claimed(tasks)
    claimed(tasks, "tr_0", "wang", "tk_0")
    task = tasks.get("demo", "tk_1")
    gone = replace(trip, state="released", rev=2, ended_ms=T0 + 5, passed_to="tr_2")
    line = Line("tr_1", 2, T0 + 5, "max", "manager", "reassign", "claimed", "released")
    made = begun("tr_2", "wang", T0 + 5)
    assert not tasks.move(Move(trip, gone, line, passed=made._replace(limit=1)))
    assert tasks.trip("demo", "tr_1") == trip
    assert tasks.move(Move(trip, gone, line, passed=made))
    assert tasks.get("demo", "tk_1") == task
    assert (tasks.courier("demo", "mei"), tasks.courier("demo", "wang")) == (Courier(), Courier(2))
    assert tasks.trip("demo", "tr_1").passed_to == "tr_2"
    assert tasks.desk("demo", "tk_1", "wang").claim == Claim("tr_2", held=True)


def test_what_others_keep_on_a_trip_comes_back_and_goes_with_its_steps(tasks) -> None:
    claimed(tasks)
    kept = {"lines": [{"rule": "base", "amount": "12.50", "count": 2}], "revision": 1}
    assert moved(tasks, "tr_1", "start", "started", started_ms=T0, more={"reckoning": kept})
    assert tasks.trip("demo", "tr_1").more == {"reckoning": kept}
    assert moved(tasks, "tr_1", "pause", "paused", paused_ms=T0)
    assert tasks.trip("demo", "tr_1").more == {"reckoning": kept}


def test_a_key_is_kept_with_what_it_did_and_until_it_expires(tasks) -> None:
    kept = Kept("mei", "7", "abc", "tr_1", 200, '{"trip":"tr_1"}', 1000 + 86_400)
    tasks.add(TASK)
    assert tasks.claim(TASK, begun("tr_1"), kept)
    assert tasks.kept("demo", "mei", "7", 1000) == kept
    assert tasks.kept("demo", "wang", "7", 1000) is None
    assert tasks.kept("demo", "mei", "7", 1000 + 86_400) is None
    later = replace(kept, subject="tr_2")
    assert not moved(tasks, "tr_1", "start", "started", kept=later, started_ms=T0)
    assert not tasks.keep("demo", later)
    assert tasks.trip("demo", "tr_1").state == "claimed"
    next_day = replace(later, expires_s=1000 + 2 * 86_400)
    assert tasks.keep("demo", next_day)
    assert tasks.kept("demo", "mei", "7", 1000 + 86_400) == next_day


def test_tasks_are_listed_newest_first_page_by_page_and_by_status(tasks) -> None:
    for number in range(5):
        tasks.add(replace(SINGLE, task=f"tk_{number}"))
    tasks.add(replace(SINGLE, fleet="other"))
    assert tasks.claim(tasks.get("demo", "tk_1"), begun("tr_1", task="tk_1"))

    def listed(status: str | None, after: str | None = None, limit: int = 3) -> list[str]:
        return [task.task for task in tasks.page("demo", status, after, limit)]

    assert listed(None) == ["tk_4", "tk_3", "tk_2"]
    assert listed(None, "tk_2") == ["tk_1", "tk_0"]
    assert listed("open") == ["tk_4", "tk_3", "tk_2"]
    assert listed("open", "tk_2") == ["tk_0"]
    assert listed("taken") == ["tk_1"]
    assert listed("closed") == []


def test_a_page_is_whole_where_its_tasks_are_more_than_one_answer_holds(tasks) -> None:
    """A query's answer ends at 1 MB; 40 tasks with very long notes in Chinese have more."""
    for i in range(40):
        assert tasks.add(replace(TASK, task=f"tk_{i:03}", notes="注" * 9000))
    for status in (None, "open"):
        assert len(tasks.page("demo", status, None, 40)) == 40
        assert [it.task for it in tasks.page("demo", status, "tk_002", 180)] == ["tk_001", "tk_000"]


def test_trips_are_listed_by_courier_and_by_state(tasks) -> None:
    for number in range(3):
        claimed(tasks, f"tr_{number}", task=f"tk_{number}")
    claimed(tasks, "tr_3", "wang", "tk_2")
    assert moved(tasks, "tr_1", "start", "started", started_ms=T0)
    mine = tasks.trips_of("demo", "mei", None, 2)
    assert [trip.trip for trip in mine] == ["tr_2", "tr_1"]
    assert mine[1] == tasks.trip("demo", "tr_1")
    assert [trip.trip for trip in tasks.trips_of("demo", "mei", "tr_1", 2)] == ["tr_0"]
    assert [trip.trip for trip in tasks.trips_in("demo", "claimed", None, 9)] == ["tr_3", "tr_2", "tr_0"]
    assert [trip.trip for trip in tasks.trips_in("demo", "claimed", "tr_3", 1)] == ["tr_2"]
    # Who shows several states as one list goes on behind a trip of any of them.
    assert [trip.trip for trip in tasks.trips_in("demo", "claimed", "tr_1", 9)] == ["tr_0"]
    assert tasks.trips_in("other", "claimed", None, 9) == []


def test_a_tasks_trips_are_listed_by_courier_the_newest_of_each(tasks) -> None:
    tasks.add(replace(TASK, quantity=5, left=5))
    for trip, courier in (("tr_1", "wang"), ("tr_2", "mei"), ("tr_3", "li")):
        claimed(tasks, trip, courier)
    claimed(tasks, "tr_4", "mei", "tk_2")
    assert moved(tasks, "tr_1", "release", "released", ended_ms=T0)
    claimed(tasks, "tr_5", "wang")

    def listed(after: str | None, limit: int) -> list[str]:
        return [trip.trip for trip in tasks.trips_on("demo", "tk_1", after, limit)]

    assert listed(None, 9) == ["tr_3", "tr_2", "tr_5"]
    assert listed(None, 2) == ["tr_3", "tr_2"]
    assert listed("mei", 2) == ["tr_5"]
    assert tasks.trips_on("demo", "tk_1", None, 1)[0] == tasks.trip("demo", "tr_3")
    assert tasks.trips_on("other", "tk_1", None, 9) == tasks.trips_on("demo", "tk_", None, 9) == []


@pytest.mark.parametrize("kind", ["fake", "dynamodb"])
def test_a_schedule_is_kept_once_with_its_answer(kind: str, request) -> None:
    tasks: Any = FakeTasks()
    schedules: Any = FakeSchedules(tasks)
    if kind == "dynamodb":
        dynamodb, table = table_of(request, TEMPLATE, "TasksTable")
        tasks, schedules = DynamoTasks(dynamodb, table), DynamoSchedules(dynamodb, table)
    first = Schedule(
        "demo", "sc_1", "0 8 * * *", "Asia/Shanghai", {"route": "lap@1", "deadline_after": 9}, T0
    )
    kept = Kept("ada", "k", "digest", "sc_1", 201, "{}", round(T0 / 1000) + 86_400)
    assert schedules.add(first, kept)
    assert schedules.get("demo", "sc_1") == first
    assert tasks.kept("demo", "ada", "k", T0 / 1000) == kept
    assert not schedules.add(first)
    assert not schedules.add(replace(first, schedule="sc_2"), kept)
    assert schedules.all("demo") == [first]


def test_only_open_trips_are_watched(request) -> None:
    request.getfixturevalue("aws")
    dynamodb = boto3.client("dynamodb")
    tasks = DynamoTasks(dynamodb, make_table(dynamodb, TEMPLATE, "TasksTable"))
    claimed(tasks)
    claimed(tasks, "tr_2", "wang")

    def seen() -> list[str]:
        rows = dynamodb.scan(TableName="TasksTable", IndexName="watch-index")["Items"]
        return sorted(row["item"]["S"] for row in rows if row["kind"]["S"] == "trip")

    assert seen() == ["tr_1", "tr_2"]
    assert moved(tasks, "tr_1", "start", "started", started_ms=T0)
    assert moved(tasks, "tr_1", "finish", "finished", ended_ms=T0)
    assert seen() == ["tr_2"]


def test_a_trip_is_written_once_and_finished_once(trips) -> None:
    trip = Trip("tr_1", "demo", "mei", "tk_1", "lap@1", T0)
    trips.start(trip)
    trips.start(replace(trip, started_ms=T0 + 1))
    assert trips.get("tr_1") == trip
    trips.finish(replace(trip, finished_ms=T0 + 9))
    trips.finish(replace(trip, finished_ms=T0 + 10))
    trips.start(trip)
    assert trips.get("tr_1") == replace(trip, finished_ms=T0 + 9)
    assert trips.get("tr_2") is None


def test_versions_count_up_and_unused_ones_stay_hidden(catalog) -> None:
    assert [catalog.next_version("demo", "lap") for _ in range(10)] == list(range(1, 11))
    assert catalog.next_version("other", "lap") == 1
    for version in (10, 9):
        catalog.add(Route("demo", "lap", version, "Lap", 1109.214, T0))
    assert [route.route for route in catalog.all("demo")] == ["lap@9", "lap@10"]
    assert catalog.get("demo", "lap@9") == Route("demo", "lap", 9, "Lap", 1109.214, T0)
    assert catalog.get("demo", "lap@1") is None
    stops = (Stop("四号码头", 121.4768, 31.2305, 40.0, 295.356), Stop("End", 121.4801, 31.2349, 50.0, 1109.2))
    whole = Route("demo", "lap", 11, "Lap", 1109.214, T0, stops, (121.4737, 31.2304))
    catalog.add(whole)
    assert catalog.get("demo", "lap@11") == whole
    assert catalog.get("demo", "lap") is None


@pytest.mark.parametrize("kind", ["fake", "s3"])
def test_lines_are_kept_for_the_map_and_for_matching(kind, request) -> None:
    route, compiled = (
        Route("demo", "lap", 1, "Lap", 1.0, T0),
        compile_route([(121.47, 31.23), (121.48, 31.23)]),
    )
    if kind == "fake":
        lines = FakeLines()
    else:
        request.getfixturevalue("aws")
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="data")
        lines = S3Lines(s3, "data")
    lines.save(route, compiled, b'{"type":"LineString"}')
    assert lines.drawn(route) == b'{"type":"LineString"}'
    if kind == "s3":
        assert S3Routes(s3, "data").load("demo", "lap@1") == CompiledRoute.from_bytes(compiled.to_bytes())
