"""The near index: the table's and the fake answer alike, and only open tasks stand in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geo.tiles import Place
from storage.tasks import DynamoOpenTasks, DynamoTasks, Row
from storage.tasks.rows import near_key
from tests.fakes_tasks import TASK, FakeOpenTasks
from tests.tables import table_of

PLACES = [(31.23, 121.47), (31.23, 121.47), (31.2301, 121.4701), (31.3, 121.6), (-33.9, 18.4), (0.0, 0.0)]
TASKS = [replace(TASK, task=f"tk_{i:016}", place=place) for i, place in enumerate(PLACES)]
CITY = near_key(Place(31.23, 121.47), "")[:12]


@pytest.fixture(params=["fake", "dynamodb"])
def index(request):
    if request.param == "fake":
        return FakeOpenTasks(
            [Row(near_key(Place(*task.place), task.task), task) for task in TASKS if task.place]
        )
    dynamodb, table = table_of(request, "stacks/tasks/template.yaml", "TasksTable")
    tasks = DynamoTasks(dynamodb, table)
    for task in TASKS:
        assert tasks.add(task)
    assert tasks.add(replace(TASK, task="tk_taken", status="taken", place=PLACES[0]))
    assert tasks.add(replace(TASK, task="tk_nowhere"))
    assert tasks.add(replace(TASK, fleet="other", task="tk_other", place=PLACES[0]))
    return DynamoOpenTasks(dynamodb, table)


def names(rows: list[Row]) -> list[str]:
    assert [row.key for row in rows] == sorted(row.key for row in rows)
    assert all(row.key == near_key(Place(*row.task.place), row.task.task) for row in rows if row.task.place)
    return [row.task.task for row in rows]


def test_a_tile_has_its_tasks_in_the_order_of_their_keys(index) -> None:
    assert sorted(names(index.in_tile("demo", CITY, 50))) == [task.task for task in TASKS[:3]]
    assert sorted(names(index.in_tile("demo", "", 50))) == [task.task for task in TASKS]
    assert index.in_tile("demo", "000000", 50) == []


def test_the_first_and_the_last_of_a_tile(index) -> None:
    everything = names(index.in_tile("demo", "", 50))
    assert names(index.in_tile("demo", "", 2)) == everything[:2]
    assert names(index.in_tile("demo", "", 2, last=True)) == everything[-2:]


def test_a_page_goes_on_behind_a_key(index) -> None:
    rows = index.in_tile("demo", "", 50)
    for i, row in enumerate(rows):
        assert index.in_tile("demo", "", 50, row.key) == rows[i + 1 :]
