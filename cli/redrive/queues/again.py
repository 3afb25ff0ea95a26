"""What was given up, done again by the functions' own steps: what they do twice is done once.

The work first, then the message is removed: a crash in between does it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from cli.redrive.queues.forms import Batch, Delivery, Event, Form, Other, Row, Timer
from stacks.tasks.notify.events import Step, events_of, read
from stacks.tasks.timers.timers import AHEAD_S, take
from storage.alerts import AlertStore
from storage.bus import Bus
from storage.letters import Letters
from storage.stream_range import NotThere, Ranges
from storage.timers import Timers
from telemetry.clock import Clock

Json = Mapping[str, Any]
Record = Mapping[str, Any]
TIMED = {"INSERT": ("task", "trip", "schedule"), "REMOVE": ("schedule",)}
"""The kinds of rows that have timers, by what happens to one: as the stack's event source mapping has it."""


class Stays(Exception):
    """It cannot be done again; the message says why, and what to do instead."""


class Rows(Protocol):
    def image(self, fleet: str, item: str) -> Json | None:
        """The row's typed attributes as the table's stream has them, as of now."""


class Sender(Protocol):
    """One queue's."""

    def send(self, form: Form, /) -> str:
        """What was done. Raises Stays."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of a function that were due: its timer is set again, for now."""

    timers: Timers
    clock: Clock

    def send(self, form: Form) -> str:
        if not isinstance(form, Timer):
            raise Stays("nothing here knows what to do with it")
        digest = hashlib.sha256(orjson.dumps(form.event, option=orjson.OPT_SORT_KEYS)).hexdigest()
        self.timers.set(f"again-{digest[:40]}", self.clock() + AHEAD_S, form.event)
        return "is called again in a moment"


@dataclass(frozen=True, slots=True)
class Missed:
    """Timers that could not be set, beside calls that failed."""

    calls: Calls
    rows: Rows
    ranges: Ranges

    def send(self, form: Form) -> str:
        match form:
            case Row(fleet, item, _):
                image = _image(self.rows, fleet, item)
                keys = {name: image[name] for name in ("fleet", "item")}
                return self._set([{"eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": image}}])
            case Batch():
                return self._set(_records(self.ranges, form))
            case _:
                return self.calls.send(form)

    def _set(self, records: list[Record]) -> str:
        ours = [it for it in records if _kind(it) in TIMED.get(it["eventName"], ()) and self._stands(it)]
        for record in ours:
            take(self.calls.timers, self.calls.clock, record["eventName"], record["dynamodb"])
        return f"timers of {len(ours)} rows are set"

    def _stands(self, record: Record) -> bool:
        """Of one that is called again and again: a schedule that was removed since would be so for ever."""
        keys = record["dynamodb"]["Keys"]
        lasting = _kind(record) == "schedule" and record["eventName"] == "INSERT"
        return not lasting or self.rows.image(keys["fleet"]["S"], keys["item"]["S"]) is not None


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Trips whose settling failed, or could not be set a timer."""

    calls: Calls
    ranges: Ranges

    def send(self, form: Form) -> str:
        if not isinstance(form, Batch):
            return self.calls.send(form)
        due = [it for it in _records(self.ranges, form) if "due" in it["dynamodb"].get("NewImage", {})]
        for record in due:
            self.calls.send(Timer({"trip": record["dynamodb"]["NewImage"]["trip"]["S"]}, form.why))
        return f"{len(due)} trips are settled in a moment"


@dataclass(frozen=True, slots=True)
class Untold:
    """Events that reached nobody: told to the bus again, or put into the webhooks' queue."""

    rows: Rows
    ranges: Ranges
    alerts: AlertStore
    bus: Bus
    webhooks: Letters
    clock: Clock

    def send(self, form: Form) -> str:
        match form:
            case Event(body):
                self.webhooks.send([orjson.dumps(body).decode()])
                return "is in the webhooks' queue"
            case Row(fleet, item, _):
                image = _image(self.rows, fleet, item)
                stream = {"NewImage": image, "ApproximateCreationDateTime": self.clock()}
                return self._tell([{"eventName": "INSERT", "dynamodb": stream}])
            case Batch():
                return self._tell(_records(self.ranges, form))
            case _:
                raise Stays("nothing here knows what to do with it")

    def _tell(self, records: list[Record]) -> str:
        found = [it for record in records for it in read(record)]
        trips = self.alerts.trips({it.key for it in found if isinstance(it, Step)})
        events = events_of(found, trips)
        if failed := self.bus.put(events):
            raise Stays(f"the bus did not take {len(failed)} of {len(events)} events; try again")
        return f"{len(events)} events are told"


@dataclass(frozen=True, slots=True)
class Undelivered:
    """To its webhook, with all tries before it; the event's id is as it was."""

    webhooks: Letters

    def send(self, form: Form) -> str:
        match form:
            case Delivery(webhook, event, _):
                body: Json = {"webhook": webhook, "event": event}
            case Event(said):
                body = said
            case _:
                raise Stays("nothing here knows what to do with it")
        self.webhooks.send([orjson.dumps(body).decode()])
        return "is in the webhooks' queue"


@dataclass(frozen=True, slots=True)
class Moved:
    """As it is, to the queue that it came from."""

    to: Letters

    def send(self, form: Form) -> str:
        body = form.body if isinstance(form, Other) else None
        if isinstance(form, Timer):
            body = orjson.dumps(form.event).decode()
        if not isinstance(body, str):
            raise Stays("nothing here knows what to do with it")
        self.to.send([body])
        return "is in its queue again"


@dataclass(frozen=True, slots=True)
class ByHand:
    what: str

    def send(self, _form: Form) -> str:
        raise Stays(self.what)


def _image(rows: Rows, fleet: str, item: str) -> Json:
    image = rows.image(fleet, item)
    if image is None:
        raise Stays("its row is not in the table any more")
    return image


def _records(ranges: Ranges, batch: Batch) -> list[Record]:
    try:
        return list(ranges.read(batch.range))
    except NotThere as error:
        raise Stays(str(error)) from error


def _kind(record: Record) -> str | None:
    image = record["dynamodb"].get("NewImage") or record["dynamodb"].get("OldImage", {})
    kind: str | None = image.get("kind", {}).get("S")
    return kind
