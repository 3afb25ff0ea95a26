"""GET /v1/tasks?near=…: what may be asked, and what a courier sees."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geo.tiles import Place
from stacks.tasks.tasks.near import After
from stacks.tasks.tasks.nearby import search, text
from storage.tasks import Row
from storage.tasks.rows import near_key
from telemetry.problem import BadRequest
from tests.fakes_tasks import TASK, FakeOpenTasks

MEI = frozenset({"bike"})
HERE = {"near": "31.2304, 121.4737"}


def index(**changes) -> FakeOpenTasks:
    """A task for each name, each 100 m north of the one before."""
    rows = []
    for i, (name, its) in enumerate(changes.items()):
        task = replace(TASK, task=f"tk_{name:0>16}", place=(31.23 + i / 1000, 121.47), **its)
        rows.append(Row(near_key(Place(*task.place), task.task), task))
    return FakeOpenTasks(rows)


def seen(tasks: FakeOpenTasks, tags: frozenset[str] | None) -> list[str]:
    page = search(tasks, "demo", tags, HERE, 0.005).page()
    return [near.task.task.lstrip("tk_0") for near in page.tasks]


def test_a_courier_sees_the_open_tasks_that_its_tags_allow_the_nearest_first() -> None:
    tasks = index(
        near={},
        my={"tags": ("bike",)},
        other={"tags": ("car",)},
        over={"closes_ms": 4},
        soon={"opens_ms": 6},
    )
    assert seen(tasks, MEI) == ["near", "my"]
    assert seen(tasks, None) == ["near", "my", "other"]


def test_a_page_goes_on_where_the_one_before_ended() -> None:
    tasks, query, pages = index(a={}, b={}, c={}), HERE | {"limit": "2"}, []
    while True:
        page = search(tasks, "demo", MEI, query, 0.005).page()
        pages.append([near.task.task[-1] for near in page.tasks])
        if page.after is None:
            break
        query |= {"after": text(page.after) or ""}
    assert pages == [["a", "b"], ["c"]]
    assert text(After(12.5, "")) == "0x1.9000000000000p+3~"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"near": "31.2"}, "near"),
        ({"near": "91,0"}, "near"),
        ({"near": "nan,0"}, "near"),
        ({"limit": "26"}, "limit"),
        ({"limit": "0"}, "limit"),
        ({"within": "200001"}, "within"),
        ({"within": "1e3"}, "within"),
        ({"after": "5~tk_1"}, "after"),
        ({"after": "0x1.0p+9999~"}, "after"),
        ({"status": "taken"}, "status"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(query: dict[str, str], field: str) -> None:
    with pytest.raises(BadRequest) as refused:
        search(index(), "demo", MEI, HERE | query, 0.005)
    assert [error["field"] for error in refused.value.errors] == [field]
