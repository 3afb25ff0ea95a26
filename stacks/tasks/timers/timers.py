"""Timers for what time will bring about, set off the table's stream: whatever was written gets its timers,
also when the function that wrote it crashed in the next moment (docs/decisions/0028).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from stacks.tasks.schedules.cron import scheduler_form
from storage.tasks import schedule_of_image, task_of_image, trip_of_image
from storage.timers import Timers
from telemetry.clock import Clock

GRACE_MS = 60_000
"""How long a start that was sent in the last moment of the window may take to come in."""


class Log(Protocol):
    def exception(self, msg: str, /) -> None: ...


class Timer(NamedTuple):
    """at_ms: Unix milliseconds."""

    name: str
    at_ms: int
    event: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Setter:
    timers: Timers
    clock: Clock
    log: Log

    def set_timers(self, records: Iterable[Any]) -> list[str]:
        """records: of the table's stream, new tasks, trips and schedules, and schedules that went. Returns
        sequence numbers to deliver again.
        """
        failed = []
        for record in records:
            try:
                self._take(record["eventName"], record["dynamodb"])
            except (ClientError, BotoCoreError):
                self.log.exception("a timer could not be set and its record will be delivered again")
                failed.append(record["dynamodb"]["SequenceNumber"])
        return failed

    def _take(self, what: str, change: Any) -> None:
        # Named by what is due: a record that is delivered again sets the same timer.
        if what == "REMOVE":
            self.timers.cancel(change["Keys"]["item"]["S"])
        elif change["NewImage"]["kind"]["S"] == "schedule":
            it = schedule_of_image(change["NewImage"])
            event = {"fleet": it.fleet, "schedule": it.schedule}
            self.timers.repeat(it.schedule, scheduler_form(it.cron), it.zone, event)
        else:
            for timer in timers_of(change["NewImage"]):
                at = max(timer.at_ms / 1000, self.clock())
                self.timers.set(timer.name, at, timer.event | {"at_ms": timer.at_ms})


def timers_of(image: Any) -> Iterator[Timer]:
    if image["kind"]["S"] == "trip":
        trip = trip_of_image(image)
        event = {"fleet": trip.fleet, "trip": trip.trip}
        yield Timer(f"{trip.trip}-expires", trip.start_until_ms + GRACE_MS, event)
        return
    task = task_of_image(image)
    event = {"fleet": task.fleet, "task": task.task}
    if task.opens_ms > task.created_ms:
        yield Timer(f"{task.task}-opens", task.opens_ms, event)
    yield Timer(f"{task.task}-closes", task.closes_ms, event)
