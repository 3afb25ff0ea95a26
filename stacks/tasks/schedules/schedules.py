"""Schedules of recurring tasks. Timers are set for them, and taken back, off the table's stream."""

from __future__ import annotations

import msgspec

from geo.said import say
from stacks.tasks.once import Once, kept
from stacks.tasks.schedules.preview import preview
from stacks.tasks.schedules.shapes import NewSchedule
from stacks.tasks.tasks.desk import Desk
from storage.tasks import Schedule, ScheduleStore
from telemetry.names import new_id
from telemetry.problem import NotFound, Unavailable


class Schedules:
    def __init__(self, store: ScheduleStore, desk: Desk) -> None:
        self._store = store
        self._desk = desk

    def add(self, fleet: str, new: NewSchedule, now: float, once: Once | None = None) -> Schedule:
        """Raises BadRequest where it never comes, or its next task could not be made; Unavailable."""
        first = preview(new.cron, new.time_zone, now, 1).times[0].at
        self._desk.made(fleet, new.task.at(first), first)
        job = msgspec.to_builtins(new.task)
        schedule = Schedule(
            fleet, new_id("sc", now), new.cron, new.time_zone, job, created_ms=round(now * 1000)
        )
        if not self._store.add(schedule, kept(once, schedule)):
            raise Unavailable(
                say("schedule-not-made", "The schedule could not be made just then; repeat the request.")
            )
        return schedule

    def all(self, fleet: str) -> list[Schedule]:
        return self._store.all(fleet)

    def remove(self, fleet: str, schedule: str) -> None:
        """No further task is made; those that are there stay. Raises NotFound."""
        if self._store.get(fleet, schedule) is None:
            raise NotFound(
                say(
                    "schedule-not-found",
                    "There is no schedule {schedule}; GET /v1/schedules lists them.",
                    schedule=schedule,
                )
            )
        self._store.remove(fleet, schedule)
