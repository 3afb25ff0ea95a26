"""What a courier's list of open tasks reads: pages of 25 among 100,000 tasks, at many places.

The index is the one in memory that the contract tests hold against DynamoDB's; reads and rows are counted.
The peer is a list without an index, which reads every task.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from benchmarks.figures import line, percentile
from geo.tiles import Place
from stacks.tasks.tasks.near import MOST_READS, ROWS, Search
from storage.tasks import Row, Task
from storage.tasks.rows import near_key
from tests.fakes_tasks import TASK, FakeOpenTasks

TASKS, ASKED = 100_000, 300
CITY = Place(31.23, 121.47)


def run() -> None:
    chance = Random(5)  # noqa: S311 - the same places each time
    index = FakeOpenTasks([_row(number, place) for number, place in enumerate(_places(chance))])
    print(f"Near listing: {TASKS:,} open tasks (80 % in a city, 10 % at one depot, 10 % in a country)")
    line("asked from", "reads p50", "p95", "most", "rows p50", "most", "of all", "least given")
    asked: dict[str, Callable[[], Place]] = {
        "the city": lambda: Place(CITY.lat + chance.gauss(0, 0.08), CITY.lon + chance.gauss(0, 0.1)),
        "around the depot": lambda: Place(31.2 + chance.gauss(0, 0.005), 121.4 + chance.gauss(0, 0.005)),
        "the city's edge": lambda: Place(CITY.lat + chance.uniform(0.2, 0.5), CITY.lon),
        "the country": lambda: Place(chance.uniform(20, 45), chance.uniform(80, 122)),
        "an ocean": lambda: Place(chance.uniform(-50, -10), chance.uniform(-150, -100)),
    }
    for name, place in asked.items():
        reads, rows, given = list[int](), list[int](), list[int]()
        for _ in range(ASKED):
            index.reads = index.items = 0
            page = Search(index, "demo", place(), lambda _: True).page()
            reads, rows, given = [*reads, index.reads], [*rows, index.items], [*given, len(page.tasks)]
        line(
            name, f"{percentile(reads, 0.5)}", f"{percentile(reads, 0.95)}", f"{max(reads)}",
            f"{percentile(rows, 0.5)}", f"{max(rows)}", f"{max(rows) / TASKS:.2%}", f"{min(given)}",
        )  # fmt: skip
    print(f"  limits: {MOST_READS} reads of {ROWS} rows; without an index: {TASKS:,} rows")


def _places(chance: Random) -> list[Place]:
    city = [
        Place(CITY.lat + chance.gauss(0, 0.08), CITY.lon + chance.gauss(0, 0.1))
        for _ in range(TASKS * 8 // 10)
    ]
    country = [Place(chance.uniform(20, 45), chance.uniform(80, 122)) for _ in range(TASKS // 10)]
    return [*city, *[Place(31.2, 121.4)] * (TASKS // 10), *country]


def _row(number: int, place: Place) -> Row:
    task: Task = replace(TASK, task=f"tk_{number:016}", place=place)
    return Row(near_key(place, task.task), task)
