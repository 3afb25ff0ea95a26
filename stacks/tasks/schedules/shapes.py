"""What the schedules API takes and shows: a task that comes again, its times in minutes after it opens."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from stacks.tasks.schedules.cron import next_times
from stacks.tasks.shown import seconds
from stacks.tasks.tasks.shapes import Job, NewTask
from storage.tasks import Schedule
from telemetry.problem import BadRequest

NEXT = 5  # times that are shown
_Minutes = Annotated[int, msgspec.Meta(ge=0, le=60 * 24 * 31)]


class Recurring(Job, forbid_unknown_fields=True, kw_only=True):
    """Each opens at a time of the schedule; the rest is counted from there."""

    deadline_after: _Minutes
    closes_after: _Minutes | None = None
    start_from_after: _Minutes | None = None
    start_until_after: _Minutes | None = None

    def at(self, opens: float) -> NewTask:
        """The one that opens at `opens` [Unix s]."""

        def later(minutes: int | None) -> float | None:
            return None if minutes is None else opens + 60 * minutes

        return NewTask(
            **{name: getattr(self, name) for name in Job.__struct_fields__},
            opens=opens,
            closes=later(self.closes_after),
            start_from=later(self.start_from_after),
            start_until=later(self.start_until_after),
            deadline=opens + 60 * self.deadline_after,
        )


class When(msgspec.Struct, forbid_unknown_fields=True):
    cron: Annotated[str, msgspec.Meta(max_length=100)]
    time_zone: Annotated[str, msgspec.Meta(max_length=64)]


class NewSchedule(When, forbid_unknown_fields=True):
    task: Recurring


def job_of(schedule: Schedule) -> Recurring:
    return msgspec.convert(schedule.job, Recurring)


def shown(it: Schedule, now: float) -> dict[str, Any]:
    return {
        "schedule": it.schedule,
        "cron": it.cron,
        "time_zone": it.zone,
        "task": it.job,
        "next": _next(it, now),
        "failed": it.failed,
        "failed_at": seconds(it.failed_ms),
    }


def _next(it: Schedule, now: float) -> list[float]:
    """None of what is no cron, or of a zone that is known no more: it hides no other, and can be removed."""
    try:
        return next_times(it.cron, it.zone, now, NEXT)
    except BadRequest:
        return []
