"""What an event source mapping of a stream deals in: rules, records, batches, and what came of a batch.

With `lane` and `shards` this is the mapping as a state model: events go in (shards listed, records read,
answers), decisions come out (read this shard from here, deliver this batch, tell of these records). It does
no I/O and is given the time; `poller` drives it.

Sources: AWS Lambda developer guide, "Using Lambda to process records from Amazon Kinesis Data Streams",
"Process DynamoDB records with Lambda", "Configuring partial batch response with Kinesis Data Streams and
Lambda", "Retain discarded batch records for a Kinesis Data Streams event source in Lambda".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import orjson

Condition = Literal["RetryAttemptsExhausted", "RecordAgeExceeded"]


@dataclass(frozen=True, slots=True)
class Rules:
    """An event source mapping's settings, under AWS's names and defaults; -1 is unlimited."""

    batch_size: int = 100
    window_s: float = 0.0
    parallel: int = 1
    report_items: bool = False
    bisect: bool = False
    max_retries: int = -1
    max_age_s: float = -1.0


class Record(NamedTuple):
    sequence: str
    key: str
    arrived_s: float
    size: int
    """Bytes in the function's event."""
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    records: tuple[Record, ...]
    failures: int = 0
    """How often the function failed on exactly these records; a split or a shorter rest begins anew."""
    refusals: int = 0
    """How often it was not even invoked; that uses up no retries."""
    not_before_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Discarded:
    """Records that are given up; the on-failure destination is told where they are."""

    batch: Batch
    condition: Condition


class Success(NamedTuple):
    """Every record is done."""


class Failure(NamedTuple):
    """The function failed, or reported the records of these sequence numbers as failed."""

    items: frozenset[str] | None = None


class NotInvoked(NamedTuple):
    """Throttled, or the answer was lost: it is tried again until the records are too old."""


Outcome = Success | Failure | NotInvoked


def outcome(answer: bytes, rules: Rules, *, failed: bool) -> Success | Failure:
    """What a function's answer says of its batch.

    Empty or missing `batchItemFailures` is success; an empty or strange identifier fails the whole batch.
    """
    if failed:
        return Failure()
    if not rules.report_items:
        return Success()
    try:
        said = orjson.loads(answer or b"null")
        items = (said or {}).get("batchItemFailures")
        return Failure(frozenset(str(item["itemIdentifier"] or "") for item in items)) if items else Success()
    except (orjson.JSONDecodeError, AttributeError, TypeError, KeyError):
        return Failure()
