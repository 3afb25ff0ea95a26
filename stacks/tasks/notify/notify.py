"""Events to who listens: the bus, and the live stream's managers and couriers.

The bus takes every event or its record comes again; a message to a browser is sent once, and what is lost is
mended by the next look at the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from stacks.tasks.notify.events import Step, events_of, read
from storage.alerts import AlertStore
from storage.bus import Bus, Event
from storage.connections import ConnectionStore, fleet_topic, tasks_topic
from storage.later import Later
from storage.sockets import Gone, NotDelivered, Sockets
from telemetry.clock import Clock
from telemetry.frames import FRAME_BYTES


class Log(Protocol):
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

    def tell(self, records: Sequence[Any]) -> list[str]:
        """Returns the sequence numbers of records to deliver again."""
        found = [(i, it) for i, record in enumerate(records) if (it := self._read(record)) is not None]
        trips = self.alerts.trips({it.key for _, it in found if isinstance(it, Step)})
        events = events_of((it for _, it in found), trips)
        failed = [found[i][0] for i in self.bus.put(events)]
        # What stands behind a failed record comes again with it, and is told then.
        until = min(failed, default=len(records))
        self._show(event for (i, _), event in zip(found, events, strict=True) if i < until)
        return [records[i]["dynamodb"]["SequenceNumber"] for i in failed]

    def _read(self, record: Any) -> Step | Event | None:
        try:
            return read(record)
        except Exception as error:  # whatever it is, the records behind it are not to wait for it
            self.log.exception("a record cannot be told")
            row = record["dynamodb"]["NewImage"]
            about = {"fleet": row["fleet"]["S"], "item": row["item"]["S"], "why": repr(error)}
            self.untold.send(about)  # or all of them come again
            return None

    def _show(self, events: Iterable[Event]) -> None:
        topics: dict[str, list[Event]] = {}
        for event in events:
            named = tasks_topic if event.type.startswith("task.") else fleet_topic
            topics.setdefault(named(event.fleet), []).append(event)
        for topic, told in topics.items():
            if listeners := self.connections.listeners(topic):
                for message in messages(told, self.clock()):
                    for connection in listeners:
                        self._send(connection, message)

    def _send(self, connection: str, message: bytes) -> None:
        try:
            self.sockets.send(connection, message)
        except Gone:
            self.connections.remove(connection)
        except NotDelivered:
            pass


def messages(events: Iterable[Event], at: float) -> Iterator[bytes]:
    """`events` messages that fit a frame. at: Unix seconds."""
    part: list[bytes] = []
    for one in (orjson.dumps(event.shown()) for event in events):
        if part and sum(map(len, part)) + len(one) > FRAME_BYTES - 1_000:
            yield _message(part, at)
            part = []
        part.append(one)
    if part:
        yield _message(part, at)


def _message(part: list[bytes], at: float) -> bytes:
    told = [orjson.Fragment(one) for one in part]
    return orjson.dumps({"type": "events", "at": at, "events": told})
