"""Events to who listens: the bus, and the live stream's managers and couriers.

The bus takes every event or its record comes again; a message to a browser is sent once, and what is lost is
mended by the next look at the list. So browsers, however many and slow, may not make the function fail: that
would tell the bus everything a second time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from stacks.tasks.notify.events import Step, events_of, read
from storage import damage
from storage.alerts import AlertStore
from storage.bus import Bus, Event
from storage.connections import ConnectionStore, fleet_topic, tasks_topic
from storage.later import Later
from storage.sockets import Gone, NotDelivered, Sockets
from telemetry.clock import Clock, Stopwatch
from telemetry.frames import FRAME_BYTES

SENDERS = 8
SHOW_S = 10.0
"""For all messages to browsers, of the function's 30 s; who was not reached by then looks at the list."""


class Log(damage.Log, Protocol):
    def exception(self, msg: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Notify:
    """untold: for records that cannot be read, by this version of the code at least."""

    alerts: AlertStore
    bus: Bus
    connections: ConnectionStore
    sockets: Sockets
    clock: Clock
    untold: Later
    log: Log
    stopwatch: Stopwatch = time.monotonic
    senders: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(SENDERS))

    def tell(self, records: Sequence[Any]) -> list[str]:
        """Returns the sequence numbers of records to deliver again."""
        found = [(i, it) for i, record in enumerate(records) for it in self._read(record)]
        trips = self.alerts.trips({it.key for _, it in found if isinstance(it, Step)})
        events = events_of((it for _, it in found), trips)
        failed = [found[i][0] for i in self.bus.put(events)]
        # What stands behind a failed record comes again with it, and is told then.
        until = min(failed, default=len(records))
        self._show(event for (i, _), event in zip(found, events, strict=True) if i < until)
        return [records[i]["dynamodb"]["SequenceNumber"] for i in failed]

    def _read(self, record: Any) -> list[Step | Event]:
        try:
            return read(record)
        except Exception as error:  # whatever it is, the records behind it are not to wait for it
            self.log.exception("a record cannot be told")
            row = record["dynamodb"]["NewImage"]
            about = {"fleet": row["fleet"]["S"], "item": row["item"]["S"], "why": repr(error)}
            self.untold.send(about)  # or all of them come again
            return []

    def _show(self, events: Iterable[Event]) -> None:
        topics: dict[str, list[Event]] = {}
        for event in events:
            for topic in _topics(event):
                topics.setdefault(topic, []).append(event)
        now, until = self.clock(), self.stopwatch() + SHOW_S
        try:
            found = [(self.connections.listeners(topic), told) for topic, told in topics.items()]
        except (ClientError, BotoCoreError):
            return
        sends = [
            (connection, parts, until)
            for listeners, told in found
            if listeners
            for parts in [list(messages(told, now))]
            for connection in listeners
        ]
        for _ in self.senders.map(lambda send: self._send(*send), sends):
            pass

    def _send(self, connection: str, told: Iterable[bytes], until: float) -> None:
        """until: when to give up, by the stopwatch [s]."""
        for message in told:
            if self.stopwatch() >= until:
                return
            try:
                self.sockets.send(connection, message)
            except Gone:
                self._forget(connection)
                return
            except NotDelivered:
                pass

    def _forget(self, connection: str) -> None:
        try:
            self.connections.remove(connection)
        except (ClientError, BotoCoreError):
            return  # it has an end of its own


def _topics(event: Event) -> tuple[str, ...]:
    """Managers hear of everything, couriers of tasks alone."""
    fleet = fleet_topic(event.fleet)
    return (fleet, tasks_topic(event.fleet)) if event.type.startswith("task.") else (fleet,)


def messages(events: Iterable[Event], at: float) -> Iterator[bytes]:
    """`events` messages that fit a frame. at: Unix seconds."""
    part: list[bytes] = []
    size = 0
    for one in (orjson.dumps(event.shown()) for event in events):
        if part and size + len(one) > FRAME_BYTES - 1_000:
            yield _message(part, at)
            part, size = [], 0
        part.append(one)
        size += len(one) + 1  # and a comma
    if part:
        yield _message(part, at)


def _message(part: list[bytes], at: float) -> bytes:
    told = [orjson.Fragment(one) for one in part]
    return orjson.dumps({"type": "events", "at": at, "events": told})
