"""The queues of what was given up, in every stack: what lies there, and what sends it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import orjson

from cli.redrive.queues.again import (
    ByHand,
    Calls,
    Missed,
    Moved,
    Sender,
    Undelivered,
    Unsettled,
    Untold,
)
from cli.redrive.queues.dry import NoBus, NoLetters, NoTimers
from cli.site import Site
from storage.alerts import DynamoAlerts
from storage.bus import Bus, EventBridge
from storage.dead_letters import SqsDeadLetters
from storage.items import pack
from storage.letters import Letters, SqsLetters
from storage.stream_range import StreamRanges
from storage.timers import SchedulerTimers
from telemetry.clock import now_s

Stack = Literal["pipeline", "tasks"]


@dataclass(frozen=True)
class Ends:
    """What a stack publishes for redrive, and clients for it. dry: those that change nothing."""

    site: Site
    names: Mapping[str, str]
    dry: bool = False

    @classmethod
    def of(cls, site: Site, stack: Stack, *, dry: bool = False) -> Ends:
        """Raises Failed."""
        return cls(site, orjson.loads(site.name("redrive", stack)), dry)

    def queue(self, name: str) -> Letters:
        return NoLetters() if self.dry else SqsLetters(self.site.client("sqs"), self.names[name])

    def left(self, name: str) -> SqsDeadLetters:
        return SqsDeadLetters(self.site.client("sqs"), self.names[name])

    @cached_property
    def calls(self) -> Calls:
        names = [self.names[name] for name in ("timers", "target", "role", "dead_letters")]
        timers = NoTimers() if self.dry else SchedulerTimers(self.site.client("scheduler"), *names)
        return Calls(timers, now_s)

    @cached_property
    def ranges(self) -> StreamRanges:
        return StreamRanges(self.site.client("dynamodbstreams"))

    @cached_property
    def alerts(self) -> DynamoAlerts:
        return DynamoAlerts(self.site.client("dynamodb"), self.names["table"])

    @cached_property
    def bus(self) -> Bus:
        return NoBus() if self.dry else EventBridge(self.site.client("events"), self.names["bus"])

    def image(self, fleet: str, item: str) -> Mapping[str, Any] | None:
        key = pack({"fleet": fleet, "item": item})
        table = self.names["table"]
        found = self.site.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True)
        row: Mapping[str, Any] | None = found.get("Item")
        return row


class Known(NamedTuple):
    stack: Stack
    holds: str
    sender: Callable[[Ends], Sender]


QUEUES: Mapping[str, Known] = {
    "MissedQueue": Known(
        "tasks",
        "timers that could not be set, and what was due and failed",
        lambda it: Missed(it.calls, it, it.ranges),
    ),
    "UntoldQueue": Known(
        "tasks",
        "events that did not reach the bus or the webhooks' queue",
        lambda it: Untold(it, it.ranges, it.alerts, it.bus, it.queue("WebhookQueue"), now_s),
    ),
    "UndeliveredQueue": Known(
        "tasks", "events that a webhook did not take", lambda it: Undelivered(it.queue("WebhookQueue"))
    ),
    "UnpaidTripsQueue": Known(
        "tasks", "trips that could not be reckoned", lambda it: Moved(it.queue("UnreckonedQueue"))
    ),
    "LostRecordsQueue": Known(
        "tasks",
        "batches of settled trips that the stream gave up",
        lambda _: ByHand("send its trips by hand: docs/operations/redrive.md, Trips that were not reckoned"),
    ),
    "UnsettledQueue": Known(
        "pipeline", "trips whose settling or its timer failed", lambda it: Unsettled(it.calls, it.ranges)
    ),
    "UncopiedRecordsQueue": Known(
        "pipeline",
        "batches whose records could not be copied",
        lambda it: Moved(it.queue("FailedRecordsQueue")),
    ),
    "UntakenBulkFilesQueue": Known(
        "pipeline", "bulk files that were not taken", lambda it: Moved(it.queue("BulkFilesQueue"))
    ),
    "FailedUpdatesQueue": Known(
        "pipeline",
        "batches of updates that no viewer was shown",
        lambda _: ByHand("nothing is to be done: every viewer takes a snapshot once a minute"),
    ),
}
