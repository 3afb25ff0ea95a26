"""What time alone brings about: a task opens, a task closes, a claim that was not started in time expires.

A timer may call twice, late, or for something that has changed since: what is done follows from what stands
there now. Claims look at the times themselves, so that a late call lets nobody in, and keeps nobody out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from stacks.tasks.moves import SYSTEM, Moves, Tries, five
from storage.tasks import TaskStore
from telemetry.clock import Clock
from telemetry.problem import Conflict

Did = Literal["told", "expired", "made", "failed", "nothing"]


class TooEarly(Exception):
    """The timer's clock runs ahead of ours: Lambda calls again in a minute."""


class Busy(Exception):
    """Others were quicker each time: Lambda calls again in a minute."""


@dataclass(frozen=True, slots=True)
class Due:
    store: TaskStore
    moves: Moves
    clock: Clock
    tries: Tries = five

    def task(self, fleet: str, task_id: str, at_ms: int) -> Did:
        """Tell the lists the task's status. Raises TooEarly, Busy."""
        now_ms = self._now_ms(at_ms)
        for _ in self.tries():
            task = self.store.get(fleet, task_id)
            if task is None or task.status_at(now_ms) == task.status:
                return "nothing"
            if self.store.change(task, replace(task.at(now_ms), rev=task.rev + 1)):
                return "told"
        raise Busy(task_id)

    def claim(self, fleet: str, trip_id: str, at_ms: int) -> Did:
        """Give the place of a trip that is only claimed to others. Raises TooEarly, Unavailable."""
        now_ms = self._now_ms(at_ms)
        trip = self.store.trip(fleet, trip_id)
        if trip is None or trip.state != "claimed":
            return "nothing"
        try:
            self.moves.apply(fleet, trip_id, "expire", SYSTEM, now_ms, lambda *_: {"ended_ms": now_ms})
        except Conflict:
            return "nothing"  # it was started or given up just then
        return "expired"

    def _now_ms(self, at_ms: int) -> int:
        now_ms = round(self.clock() * 1000)
        if now_ms < at_ms:
            raise TooEarly(f"{at_ms - now_ms} ms")
        return now_ms
