"""The stores behind tasks: the AWS adapters and the fakes keep the same promises."""

from __future__ import annotations

from dataclasses import replace

import boto3
import pytest

from geo.arrival import Stop
from geo.drawing import compile_route
from geo.route import CompiledRoute
from storage.catalog import DynamoCatalog, Route, S3Lines
from storage.routes import S3Routes
from storage.tasks import Bonus, DynamoTasks, Ride, Task
from storage.trips import DynamoTrips, Trip
from tests.fakes_stacks import FakeCatalog, FakeLines, FakeTasks, FakeTrips
from tests.tables import make_table

T0 = 1_795_492_800_000
OPEN = Task("demo", "tk_1", "Morning lap", "lap@1", Bonus("12.50", "CNY"), T0 + 60_000, T0)
TEMPLATE = "stacks/tasks/template.yaml"


@pytest.fixture(params=["fake", "dynamodb"])
def tasks(request):
    if request.param == "fake":
        return FakeTasks()
    request.getfixturevalue("aws")
    dynamodb = boto3.client("dynamodb")
    return DynamoTasks(dynamodb, make_table(dynamodb, TEMPLATE, "TasksTable"))


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
    request.getfixturevalue("aws")
    dynamodb = boto3.client("dynamodb")
    return DynamoCatalog(dynamodb, make_table(dynamodb, TEMPLATE, "RoutesTable"))


def claimed(tasks, name: str = "tk_1", courier: str = "mei") -> Task:
    tasks.add(replace(OPEN, task=name))
    assert tasks.claim("demo", name, courier, T0)
    return tasks.get("demo", name)


def test_a_task_comes_back_as_it_was_put(tasks) -> None:
    tasks.add(OPEN)
    assert tasks.get("demo", "tk_1") == OPEN
    assert tasks.get("other", "tk_1") is None
    assert tasks.get("demo", "tk_2") is None
    assert tasks.get("demo", "ride/mei") is None


def test_the_first_claim_wins(tasks) -> None:
    tasks.add(OPEN)
    assert tasks.claim("demo", "tk_1", "mei", T0 + 1)
    assert not tasks.claim("demo", "tk_1", "wang", T0 + 2)
    assert not tasks.claim("demo", "tk_2", "wang", T0 + 2)
    found = tasks.get("demo", "tk_1")
    assert (found.status, found.courier, found.claimed_ms) == ("claimed", "mei", T0 + 1)


def test_a_claim_after_the_deadline_fails(tasks) -> None:
    tasks.add(OPEN)
    assert not tasks.claim("demo", "tk_1", "mei", OPEN.deadline_ms)
    assert tasks.get("demo", "tk_1") == OPEN


def test_start_and_finish_change_the_task_and_the_ride_together(tasks) -> None:
    task = claimed(tasks)
    assert tasks.ride("demo", "mei") == Ride()
    assert tasks.start(task, "tr_1", T0 + 5, Ride())
    assert tasks.ride("demo", "mei") == Ride("tr_1", "tk_1")
    assert not tasks.start(task, "tr_2", T0 + 6, Ride())
    started = tasks.get("demo", "tk_1")
    assert (started.status, started.trip, started.started_ms) == ("started", "tr_1", T0 + 5)
    assert tasks.finish(started, T0 + 9)
    assert not tasks.finish(started, T0 + 10)
    assert tasks.ride("demo", "mei") == Ride(before="tk_1", ended_ms=T0 + 9)
    finished = tasks.get("demo", "tk_1")
    assert (finished.status, finished.finished_ms) == ("finished", T0 + 9)


def test_nobody_rides_twice_and_a_stale_view_of_the_ride_loses(tasks) -> None:
    first, second = claimed(tasks, "tk_1"), claimed(tasks, "tk_2")
    assert tasks.start(first, "tr_1", T0, Ride())
    assert not tasks.start(second, "tr_2", T0, Ride())
    assert tasks.get("demo", "tk_2").status == "claimed"
    assert tasks.finish(tasks.get("demo", "tk_1"), T0 + 9)
    assert not tasks.start(second, "tr_2", T0 + 5, Ride())
    ended = tasks.ride("demo", "mei")
    assert tasks.start(second, "tr_2", T0 + 10, ended)
    assert tasks.ride("demo", "mei") == Ride("tr_2", "tk_2", "tk_1", T0 + 9)


def test_tasks_are_listed_newest_first_page_by_page_and_by_status(tasks) -> None:
    for number in range(5):
        tasks.add(replace(OPEN, task=f"tk_{number}"))
    tasks.add(replace(OPEN, fleet="other"))
    tasks.claim("demo", "tk_1", "mei", T0)
    tasks.start(tasks.get("demo", "tk_1"), "tr_1", T0, Ride())

    def listed(status: str | None, after: str | None = None, limit: int = 3) -> list[str]:
        return [task.task for task in tasks.page("demo", status, after, limit)]

    assert listed(None) == ["tk_4", "tk_3", "tk_2"]
    assert listed(None, "tk_2") == ["tk_1", "tk_0"]
    assert listed("open") == ["tk_4", "tk_3", "tk_2"]
    assert listed("open", "tk_2") == ["tk_0"]
    assert listed("started") == ["tk_1"]
    assert listed("claimed") == []


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
    catalog.add(Route("demo", "lap", 11, "Lap", 1109.214, T0, stops))
    assert catalog.get("demo", "lap@11") == Route("demo", "lap", 11, "Lap", 1109.214, T0, stops)
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
