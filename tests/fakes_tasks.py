"""The near index and the schedules in memory; rows in the order of their keys, and reads counted."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace

from storage.tasks import Bonus, Kept, Row, Schedule, Task
from tests.fakes_stacks import FakeTasks

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


class FakeSchedules:
    """tasks: that table's other items; the answers under idempotency keys are among them."""

    def __init__(self, tasks: FakeTasks | None = None) -> None:
        self.rows: dict[tuple[str, str], Schedule] = {}
        self.tasks = tasks or FakeTasks()

    def add(self, schedule: Schedule, kept: Kept | None = None) -> bool:
        key = schedule.fleet, schedule.schedule
        if key in self.rows or (kept and not self.tasks.keep(schedule.fleet, kept)):
            return False
        self.rows[key] = schedule
        return True

    def get(self, fleet: str, schedule: str) -> Schedule | None:
        return self.rows.get((fleet, schedule))

    def all(self, fleet: str) -> list[Schedule]:
        return [self.rows[key] for key in sorted(self.rows) if key[0] == fleet]

    def remove(self, fleet: str, schedule: str) -> None:
        self.rows.pop((fleet, schedule), None)

    def tell(self, schedule: Schedule, failed: str | None, at_ms: int) -> None:
        now = self.get(schedule.fleet, schedule.schedule)
        if now and (now.failed_ms is None or now.failed_ms <= at_ms):
            told = replace(now, failed=failed, failed_ms=at_ms if failed else None)
            self.rows[schedule.fleet, schedule.schedule] = told
