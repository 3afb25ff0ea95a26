"""A schedule's time has come: its task of that time is made, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from stacks.tasks.clock.clock import Did
from stacks.tasks.schedules.shapes import job_of
from stacks.tasks.tasks.desk import Desk
from storage.tasks import ScheduleStore
from telemetry.problem import BadRequest, Conflict


class Log(Protocol):
    def warning(self, msg: str, /, *, extra: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Recurring:
    store: ScheduleStore
    desk: Desk
    log: Log

    def make(self, fleet: str, schedule_id: str, at: str) -> Did:
        """at: the time it is made for, ISO 8601. What cannot be made, as its route is retired, is told on the
        schedule, and the next time is tried again. Raises Unavailable: to be called again.
        """
        schedule = self.store.get(fleet, schedule_id)
        if schedule is None:
            return "nothing"  # removed; its timer follows
        opens = datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()
        try:
            made = self.desk.again(fleet, schedule_id, job_of(schedule).at(opens), opens)
        except (BadRequest, Conflict) as problem:
            self.log.warning("a recurring task could not be made", extra={"schedule": schedule_id, "at": at})
            self.store.tell(schedule, problem.detail, round(opens * 1000))
            return "failed"
        if schedule.failed:
            self.store.tell(schedule, None, round(opens * 1000))
        return "made" if made else "nothing"
