"""The near index in memory: rows in the order of their keys, and its reads counted."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from storage.tasks import Bonus, Row, Task

TASK = Task(
    fleet="demo", task="tk_1", title="Ride", route="lap@1", bonus=Bonus("1.00", "CNY"), created_ms=1,
    opens_ms=1, closes_ms=9, start_until_ms=9, deadline_ms=9,
)  # fmt: skip


@dataclass
class FakeOpenTasks:
    rows: list[Row]
    reads: int = 0
    items: int = 0

    def __post_init__(self) -> None:
        self.rows.sort(key=lambda row: row.key)

    def in_tile(self, fleet: str, tile: str, most: int, after: str = "", *, last: bool = False) -> list[Row]:
        assert all(row.task.fleet == fleet for row in self.rows[:1])
        begin = bisect_left(self.rows, tile, key=lambda row: row.key)
        end = bisect_left(self.rows, tile + "~", key=lambda row: row.key)
        if after:
            begin = max(begin, bisect_right(self.rows, after, key=lambda row: row.key))
        rows = self.rows[max(begin, end - most) : end] if last else self.rows[begin : min(begin + most, end)]
        self.reads += 1
        self.items += len(rows)
        return rows
