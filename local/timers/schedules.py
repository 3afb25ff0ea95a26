"""The schedules that are set, and which are due. Pure: time is passed in.

Source: Amazon EventBridge Scheduler user guide; a schedule fires at least once, within its minute. Here it
fires once and in its second; what must stand a repetition is tested otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from local.timers.expression import next_s

NAME = re.compile(r"[0-9a-zA-Z-_.]{1,64}")
_SCHEDULED_TIME = b"<aws.scheduler.scheduled-time>"


class Taken(Exception):
    """A schedule of that name is set in the group."""


class Unknown(LookupError):
    """There is no such schedule or group."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """function: its name; dead_letters: the ARN of a queue; once: gone when it has fired its last time."""

    group: str
    name: str
    expression: str
    zone: str
    function: str
    payload: bytes
    dead_letters: str | None
    once: bool

    def told(self, due_s: float) -> Schedule:
        """With the time that it is called for in its payload, where that asks for it."""
        moment = f"{datetime.fromtimestamp(due_s, UTC):%Y-%m-%dT%H:%M:%SZ}"
        return replace(self, payload=self.payload.replace(_SCHEDULED_TIME, moment.encode()))


@dataclass(slots=True)
class _Set:
    schedule: Schedule
    created_s: float
    due_s: float | None


@dataclass
class Schedules:
    groups: set[str] = field(default_factory=lambda: {"default"})
    _all: dict[tuple[str, str], _Set] = field(default_factory=dict)

    def add(self, schedule: Schedule, now_s: float) -> None:
        """Raises Taken, Unknown for the group, ValueError for a name or expression that is none."""
        if schedule.group not in self.groups:
            raise Unknown(f"Schedule group {schedule.group} does not exist.")
        if not NAME.fullmatch(schedule.name):
            raise ValueError(f"{schedule.name} is no name: 1 to 64 letters, digits, - _ .")
        key = (schedule.group, schedule.name)
        if key in self._all:
            raise Taken(f"Schedule {schedule.name} already exists.")
        due_s = next_s(schedule.expression, schedule.zone, now_s, now_s)
        if due_s is None and schedule.expression.startswith("at("):
            due_s = now_s  # what lies behind fires at once
        self._all[key] = _Set(schedule, now_s, due_s)

    def get(self, group: str, name: str) -> Schedule:
        """Raises Unknown."""
        if (group, name) not in self._all:
            raise Unknown(f"Schedule {name} does not exist.")
        return self._all[group, name].schedule

    def remove(self, group: str, name: str) -> None:
        """Raises Unknown."""
        self.get(group, name)
        del self._all[group, name]

    def next_s(self) -> float | None:
        """When the next one is due."""
        return min((it.due_s for it in self._all.values() if it.due_s is not None), default=None)

    def fire(self, now_s: float) -> list[Schedule]:
        """Those that are due, the oldest first; each is told once for all the times that have passed."""
        told = []
        due = [it for it in self._all.values() if it.due_s is not None and it.due_s <= now_s]
        due.sort(key=lambda it: it.due_s or 0.0)
        for it in due:
            schedule = it.schedule
            told.append(schedule.told(it.due_s or 0.0))
            it.due_s = next_s(schedule.expression, schedule.zone, now_s, it.created_s)
            if it.due_s is None and schedule.once:
                del self._all[schedule.group, schedule.name]
        return told
