"""Timers for what time will bring about, set off the table's stream: whatever was written gets its timers,
also when the function that wrote it crashed in the next moment (docs/decisions/0028).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from stacks.tasks.schedules.cron import scheduler_form
from storage.later import Later
from storage.tasks import schedule_of_image, task_of_image, trip_of_image
from storage.timers import Timers
from telemetry.clock import Clock

GRACE_MS = 60_000
"""How long a start that was sent in the last moment of the window may take to come in."""
AHEAD_S = 5.0
"""What is due already is set so far ahead: Scheduler may refuse a time that is over when it reads it."""


class Log(Protocol):
    def exception(self, msg: str, /) -> None: ...


class Timer(NamedTuple):
    """at_ms: Unix milliseconds."""

    name: str
    at_ms: int
    event: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Setter:
    """missed: for records whose timer can never be set; who looks there sets things right by hand."""

    timers: Timers
    clock: Clock
    log: Log
    missed: Later

    def set_timers(self, records: Iterable[Any]) -> list[str]:
        """records: of the table's stream, new tasks, trips and schedules, and schedules that went. Returns
        sequence numbers to deliver again.
        """
        failed = []
        for record in records:
            try:
                take(self.timers, self.clock, record["eventName"], record["dynamodb"])
            except Exception as error:  # whatever it is, the next record is not to wait for it
                self.log.exception("a timer could not be set")
                if _passes(error) or not self._leave(record["dynamodb"], error):
                    failed.append(record["dynamodb"]["SequenceNumber"])
        return failed

    def _leave(self, change: Any, error: Exception) -> bool:
        """Whether the queue of what was missed has it: delivered again, it would hold up all behind it."""
        row = change.get("NewImage") or change["Keys"]
        about = {"fleet": row["fleet"]["S"], "item": row["item"]["S"], "why": repr(error)}
        try:
            self.missed.send(about)
        except (ClientError, BotoCoreError):
            return False
        return True


def take(timers: Timers, clock: Clock, what: str, change: Any) -> None:
    """The timers of one record. Named by what is due: a record that is delivered again sets the same ones."""
    if what == "REMOVE":
        timers.cancel(change["Keys"]["item"]["S"])
    elif change["NewImage"]["kind"]["S"] == "schedule":
        it = schedule_of_image(change["NewImage"])
        event = {"fleet": it.fleet, "schedule": it.schedule}
        timers.repeat(it.schedule, scheduler_form(it.cron), it.zone, event)
    else:
        for timer in timers_of(change["NewImage"]):
            at = max(timer.at_ms / 1000, clock() + AHEAD_S)
            timers.set(timer.name, at, timer.event | {"at_ms": timer.at_ms})


def _passes(error: Exception) -> bool:
    """Whether the same may succeed later."""
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] != "ValidationException"
    return isinstance(error, BotoCoreError)


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
