"""What has happened, told from the tasks table's stream: a trip's step from its audit line, a task whose
status changed, an alert raised, closed or acknowledged.

An event's id is made of the item and its revision, so that a record that comes again tells the same event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from stacks.tasks.alerts import shown as shown_alerts
from stacks.tasks.shown import task as shown_task
from storage.alerts import alert_of_image
from storage.bus import Event
from storage.items import unpack
from storage.tasks import Line, Trip, task_of_image
from storage.tasks.rows import line_of
from telemetry.life import Action

TRIP_EVENTS: Mapping[Action, str] = {
    "claim": "trip.claimed", "release": "trip.released", "reassign": "trip.reassigned",
    "expire": "trip.expired", "cancel": "trip.cancelled", "start": "trip.started", "pause": "trip.paused",
    "resume": "trip.resumed", "propose": "trip.proposed", "dispute": "trip.disputed",
    "finish": "trip.finished", "abandon": "trip.abandoned", "settle": "trip.settled",
    "approve": "trip.approved", "reject": "trip.rejected", "pay": "trip.paid", "revise": "trip.revised",
}  # fmt: skip
TASK_EVENTS: Mapping[str, str] = {
    "scheduled": "task.scheduled", "open": "task.opened", "taken": "task.taken", "closed": "task.closed",
    "withdrawn": "task.withdrawn",
}  # fmt: skip
ALERT_EVENTS = ("alert.raised", "alert.closed", "alert.acknowledged")
EVENTS = (*TRIP_EVENTS.values(), *TASK_EVENTS.values(), *ALERT_EVENTS)

Key = tuple[str, str]


class Step(NamedTuple):
    """A line of a trip's audit; what the trip is has to be read."""

    fleet: str
    line: Line
    type: str

    @property
    def key(self) -> Key:
        return self.fleet, self.line.trip

    def event(self, trip: Trip | None) -> Event:
        line = self.line
        data: dict[str, Any] = {"trip": line.trip, "rev": line.rev, "action": line.action}
        data |= {"from": line.before, "to": line.after, "by": line.by, "role": line.role, "note": line.note}
        if trip:
            data |= {"task": trip.task, "title": trip.title, "route": trip.route, "courier": trip.courier}
        name = f"{line.trip}/{line.rev:06}"
        return Event(name, self.type, self.fleet, line.at_ms / 1000, data)


def read(record: Mapping[str, Any]) -> Step | Event | None:
    """A record of the table's stream, NEW_AND_OLD_IMAGES; None where nothing is to be told."""
    stream = record["dynamodb"]
    new, old = stream.get("NewImage"), stream.get("OldImage")
    if new is None:
        return None
    match new["kind"]["S"]:
        case "line":
            return _step(new) if old is None else None
        case "task":
            return _task(new, old, float(stream["ApproximateCreationDateTime"]))
        case "alert":
            return _alert(new, old)
        case _:
            return None


def events_of(steps: Iterable[Step | Event], trips: Mapping[Key, Trip]) -> list[Event]:
    return [it.event(trips.get(it.key)) if isinstance(it, Step) else it for it in steps]


def _step(new: Mapping[str, Any]) -> Step:
    line = line_of(unpack(new))
    return Step(new["fleet"]["S"], line, TRIP_EVENTS[line.action])


def _task(new: Mapping[str, Any], old: Mapping[str, Any] | None, at: float) -> Event | None:
    task = task_of_image(new)
    if old is not None and task_of_image(old).status == task.status:
        return None
    name = f"{task.task}/{task.rev:06}"
    return Event(name, TASK_EVENTS[task.status], task.fleet, at, shown_task(task))


def _alert(new: Mapping[str, Any], old: Mapping[str, Any] | None) -> Event | None:
    alert = alert_of_image(new)
    before = alert_of_image(old) if old is not None else None
    times = {"alert.raised": alert.raised_ms, "alert.closed": alert.closed_ms}
    times |= {"alert.acknowledged": alert.acknowledged_ms}
    known = {"alert.raised"} if before else set()
    known |= {"alert.closed"} if before and before.closed_ms is not None else set()
    known |= {"alert.acknowledged"} if before and before.acknowledged_ms is not None else set()
    for kind, at_ms in times.items():
        if at_ms is not None and kind not in known:
            name = f"{alert.alert}/{kind.partition('.')[2]}"
            return Event(name, kind, alert.fleet, at_ms / 1000, shown_alerts.alert(alert))
    return None
