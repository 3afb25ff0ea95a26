"""The bus of events that others listen to: EventBridge.

Source: Amazon EventBridge API reference, PutEvents: ten entries and 256 KB a call, and each entry is taken or
not, one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from storage.aws import backoff

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

MOST, MOST_BYTES = 10, 240_000
SOURCE = "milepost.tasks"


@dataclass(frozen=True, slots=True)
class Event:
    """type: `trip.started`; id: the same whenever the same event is told again; at: Unix seconds."""

    id: str
    type: str
    fleet: str
    at: float
    data: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """As the live stream, the bus and webhooks carry it."""
        return {"id": self.id, "type": self.type, "fleet": self.fleet, "at": self.at, "data": self.data}


class Bus(Protocol):
    def put(self, events: Sequence[Event]) -> list[int]:
        """Which of the events, by their index, were not taken: all others are."""


class EventBridge:
    def __init__(
        self, events: EventBridgeClient, bus: str, tries: Callable[[], Iterable[object]] = backoff
    ) -> None:
        self._events, self._bus, self._tries = events, bus, tries

    def put(self, events: Sequence[Event]) -> list[int]:
        return [i for call in _calls(events) for i in self._put(events, call)]

    def _put(self, events: Sequence[Event], pending: list[int]) -> list[int]:
        for _ in self._tries():
            try:
                told = self._events.put_events(Entries=[self._entry(events[i]) for i in pending])
            except (ClientError, BotoCoreError):
                continue
            results = zip(pending, told["Entries"], strict=True)
            pending = [i for i, result in results if "ErrorCode" in result]
            if not pending:
                break
        return pending

    def _entry(self, event: Event) -> PutEventsRequestEntryTypeDef:
        return {
            "EventBusName": self._bus,
            "Source": SOURCE,
            "DetailType": event.type,
            "Detail": orjson.dumps(event.shown()).decode(),
            "Time": datetime.fromtimestamp(event.at, UTC),
        }


def _calls(events: Sequence[Event]) -> Iterator[list[int]]:
    """Indexes in order, cut to what one call takes."""
    call: list[int] = []
    size = 0
    for i, event in enumerate(events):
        bytes_ = len(orjson.dumps(event.shown())) + 100
        if call and (len(call) == MOST or size + bytes_ > MOST_BYTES):
            yield call
            call, size = [], 0
        call.append(i)
        size += bytes_
    if call:
        yield call
