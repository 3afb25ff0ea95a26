"""What has happened, told from the tasks table's stream: a trip's step from its audit line, a task whose
status changed, an alert raised, closed or acknowledged, a webhook switched off.

An event's id is made of the item and its revision, so that a record that comes again tells the same event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from stacks.tasks.alerts import shown as shown_alerts
from stacks.tasks.shown import seconds
from stacks.tasks.shown import task as shown_task
from storage.alerts import alert_of_image
from storage.bus import Event
from storage.items import unpack
from storage.tasks import Line, Trip, task_of_image
from storage.tasks.rows import line_of
from storage.webhooks import webhook_of_image
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
DISABLED = "webhook.disabled"
EVENTS = (*TRIP_EVENTS.values(), *TASK_EVENTS.values(), *ALERT_EVENTS, DISABLED)

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


def read(record: Mapping[str, Any]) -> list[Step | Event]:
    """What a record of the table's stream, NEW_AND_OLD_IMAGES, has to tell. Of the old image no more is read
    than what decides: it may be that of a damaged row that was just put back.
    """
    stream = record["dynamodb"]
    new, old = stream.get("NewImage"), stream.get("OldImage")
    if new is None:
        return []
    match new["kind"]["S"]:
        case "line":
            return [_step(new)] if old is None else []
        case "task":
            return _task(new, old, float(stream["ApproximateCreationDateTime"]))
        case "alert":
            return _alert(new, old)
        case "webhook":
            return _webhook(new, old)
        case _:
            return []


def events_of(steps: Iterable[Step | Event], trips: Mapping[Key, Trip]) -> list[Event]:
    return [it.event(trips.get(it.key)) if isinstance(it, Step) else it for it in steps]


def _step(new: Mapping[str, Any]) -> Step:
    line = line_of(unpack(new))
    return Step(new["fleet"]["S"], line, TRIP_EVENTS[line.action])


def _task(new: Mapping[str, Any], old: Mapping[str, Any] | None, at: float) -> list[Step | Event]:
    if old is not None and old.get("status") == new.get("status"):
        return []
    task = task_of_image(new)
    name = f"{task.task}/{task.rev:06}"
    return [Event(name, TASK_EVENTS[task.status], task.fleet, at, shown_task(task))]


def _alert(new: Mapping[str, Any], old: Mapping[str, Any] | None) -> list[Step | Event]:
    alert, known = alert_of_image(new), old or {}
    times = {"raised": alert.raised_ms, "acknowledged": alert.acknowledged_ms, "closed": alert.closed_ms}
    shown = shown_alerts.alert(alert)
    return [
        Event(f"{alert.alert}/{what}", f"alert.{what}", alert.fleet, at_ms / 1000, shown)
        for what, at_ms in times.items()
        if at_ms is not None and f"{what}_ms" not in known
    ]


def _webhook(new: Mapping[str, Any], old: Mapping[str, Any] | None) -> list[Step | Event]:
    """That nothing is sent to it any more; its address is told to nobody."""
    it = webhook_of_image(new)
    if it.state != "off" or it.failed_ms is None or (old and old.get("hook_state") == {"S": "off"}):
        return []
    data: dict[str, Any] = {"webhook": it.name, "failure": it.failure, "failures": it.failures}
    data |= {"failing_since": seconds(it.failing_ms), "succeeded_at": seconds(it.succeeded_ms)}
    name = f"hook/{it.name}/{it.failed_ms}/disabled"
    return [Event(name, DISABLED, it.fleet, it.failed_ms / 1000, data)]
