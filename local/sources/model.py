"""What Lambda does with a stream's records: batches, order, retries. Pure: time is passed in.

Source: AWS Lambda developer guide, "Process records from Kinesis Data Streams", "Configuring partial batch
response" and "Retain discarded batch records". Where it is silent: a failure reported at a batch's first
record is a failure of the whole batch, and back-off between retries is ours.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from zlib import crc32

import orjson

PAYLOAD_LIMIT = 6 * 1024 * 1024
BACK_OFF_S = (0.1, 5.0)
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
    """How often the function failed on its first record so far."""
    not_before_s: float = 0.0


class Success(NamedTuple):
    """Every record is done."""


class Failure(NamedTuple):
    """The function failed, or reported the records of these sequence numbers as failed."""

    items: frozenset[str] | None = None


class Discarded(NamedTuple):
    """Records that are given up; they go to the on-failure destination."""

    batch: Batch
    condition: Condition


@dataclass(slots=True)
class Lane:
    """The records of one shard that are processed one batch after the other."""

    rules: Rules
    pending: deque[Record] = field(default_factory=deque)
    retries: deque[Batch] = field(default_factory=deque)
    """Parts of a failed batch, oldest first; they go before anything pending."""
    in_flight: Batch | None = None
    opened_s: float = 0.0
    """When the window of the next batch began."""
    pending_bytes: int = 0

    def offer(self, records: Sequence[Record], now_s: float) -> None:
        if records and not self.pending:
            self.opened_s = now_s
        self.pending.extend(records)
        self.pending_bytes += sum(record.size for record in records)

    def due_s(self) -> float | None:
        """From when on `take` gives something; None while there is nothing or a batch is in flight."""
        if self.in_flight is not None:
            return None
        if self.retries:
            return self.retries[0].not_before_s
        if not self.pending:
            return None
        return 0.0 if self._full() else self.opened_s + self.rules.window_s

    def take(self, now_s: float) -> tuple[Batch | None, list[Discarded]]:
        """The next batch, now in flight, if one is due; and what has become too old meanwhile."""
        discarded = self._expire(now_s)
        due = self.due_s()
        if due is None or due > now_s:
            return None, discarded
        self.in_flight = self.retries.popleft() if self.retries else self._cut(now_s)
        return self.in_flight, discarded

    def settle(self, outcome: Success | Failure, now_s: float) -> list[Discarded]:
        """The batch in flight has come back; what is left of it goes before everything else."""
        batch, self.in_flight = self.in_flight, None
        if batch is None:
            raise ValueError("no batch is in flight")
        if isinstance(outcome, Success):
            return []
        if done := self._checkpoint(batch, outcome):
            batch = Batch(batch.records[done:])
        elif self.rules.bisect and len(batch.records) > 1:  # a split does not count as a retry
            half = len(batch.records) // 2
            parts = (batch.records[:half], batch.records[half:])
            self._again([Batch(part, batch.failures) for part in parts], now_s)
            return []
        failed = Batch(batch.records, batch.failures + 1)
        if 0 <= self.rules.max_retries < failed.failures:
            return [Discarded(failed, "RetryAttemptsExhausted")]
        self._again([failed], now_s)
        return []

    @property
    def backlog(self) -> int:
        waiting = sum(len(batch.records) for batch in self.retries)
        return len(self.pending) + waiting + (len(self.in_flight.records) if self.in_flight else 0)

    def _full(self) -> bool:
        return len(self.pending) >= self.rules.batch_size or self.pending_bytes >= PAYLOAD_LIMIT

    def _cut(self, now_s: float) -> Batch:
        records: list[Record] = []
        size = 0
        while self.pending and len(records) < self.rules.batch_size:
            size += self.pending[0].size
            if records and size > PAYLOAD_LIMIT:
                break
            records.append(self.pending.popleft())
        self.pending_bytes -= sum(record.size for record in records)
        self.opened_s = now_s
        return Batch(tuple(records))

    def _checkpoint(self, batch: Batch, failure: Failure) -> int:
        """How many of the first records are done: those before the lowest one reported."""
        if failure.items is None or not self.rules.report_items:
            return 0
        at = [i for i, record in enumerate(batch.records) if record.sequence in failure.items]
        known = len(at) == len(failure.items)
        return min(at) if known and at else 0

    def _again(self, batches: list[Batch], now_s: float) -> None:
        first, longest = BACK_OFF_S
        for batch in reversed(batches):
            wait = min(first * 2 ** min(batch.failures, 16), longest)
            self.retries.appendleft(Batch(batch.records, batch.failures, now_s + wait))

    def _expire(self, now_s: float) -> list[Discarded]:
        """Give up the records that are too old: the first ones, as they came in order."""
        if self.rules.max_age_s < 0 or self.in_flight is not None:
            return []
        oldest_s = now_s - self.rules.max_age_s
        discarded = []
        while self.retries:
            batch = self.retries.popleft()
            old = sum(1 for record in batch.records if record.arrived_s < oldest_s)
            if old:
                discarded.append(Discarded(Batch(batch.records[:old], batch.failures), "RecordAgeExceeded"))
            if old < len(batch.records):
                self.retries.appendleft(Batch(batch.records[old:], batch.failures, batch.not_before_s))
                break
        expired = []
        while self.pending and self.pending[0].arrived_s < oldest_s:
            expired.append(self.pending.popleft())
            self.pending_bytes -= expired[-1].size
        if expired:
            discarded.append(Discarded(Batch(tuple(expired)), "RecordAgeExceeded"))
        return discarded


def lane_of(key: str, lanes: int) -> int:
    """Records of one partition key stay in one lane, and so in order."""
    return crc32(key.encode()) % lanes if lanes > 1 else 0


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
