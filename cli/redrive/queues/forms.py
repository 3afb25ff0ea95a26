"""What a message in a queue of failures is, by its form alone.

Sources: AWS Lambda developer guide, "Capturing records of Lambda asynchronous invocations" and "Retain
discarded batch records"; Amazon EventBridge Scheduler and EventBridge user guides, dead-letter queues.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from storage.stream_range import Range

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Timer:
    """A call that was due: Scheduler could not make it, or the function failed on it. event: its payload."""

    event: Json
    why: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row that a function could not deal with when it was written."""

    fleet: str
    item: str
    why: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of a stream that Lambda gave up; the stream has them for a day."""

    range: Range
    count: int
    why: str


@dataclass(frozen=True, slots=True)
class Event:
    """As it is on the bus; it reached no queue."""

    body: Json


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event that one webhook did not take."""

    webhook: str
    event: Json
    why: str


@dataclass(frozen=True, slots=True)
class Other:
    """Nothing that is known here; or something that only moves on as it is."""

    body: str


Form = Timer | Row | Batch | Event | Delivery | Other


def form_of(body: str) -> Form:
    try:
        said = orjson.loads(body)
        form = _form(said) if isinstance(said, dict) else Other(body)
        told(form)  # what cannot be told of is half of it
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return Other(body)
    return form


def _form(said: Json) -> Form:
    if "DDBStreamBatchInfo" in said:
        return _batch(said)
    if "requestPayload" in said:
        return Timer(said["requestPayload"], said["requestContext"]["condition"])
    if "webhook" in said:
        return Delivery(said["webhook"], said["event"], said.get("why", "the queue gave it up"))
    if "detail-type" in said:
        return Event(said)
    if "item" in said:
        return Row(said["fleet"], said["item"], said["why"])
    due = any(name in said for name in ("trip", "task", "schedule"))
    return Timer(said, "its call failed") if due else Other(orjson.dumps(said).decode())


def _batch(said: Json) -> Batch:
    batch = said["DDBStreamBatchInfo"]
    names = ("streamArn", "shardId", "startSequenceNumber", "endSequenceNumber")
    found = Range(*(str(batch[name]) for name in names))
    return Batch(found, int(batch["batchSize"]), said["requestContext"]["condition"])


def told(form: Form) -> str:
    """A line about it."""
    match form:
        case Timer(event, why):
            (about, *_) = [str(event[name]) for name in ("trip", "task", "schedule") if name in event]
            return f"timer     {about}: {why}"
        case Row(fleet, item, why):
            return f"row       {fleet} {item}: {why}"
        case Batch(found, count, why):
            return f"batch     {count} records of {found.shard} from {found.first}: {why}"
        case Event(body):
            return f"event     {body['detail-type']} {body['detail']['id']}"
        case Delivery(webhook, event, why):
            return f"delivery  {event['fleet']}/{webhook} {event['type']} {event['id']}: {why}"
        case Other(body):
            return f"message   {body[:200]}"
