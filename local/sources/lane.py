"""The records of one shard that are processed one batch after the other: batches, retries, splits, age. Pure.

Sources: the pages named in `model`. Where they are silent:

- retries wait, from 0.1 s, doubling, to 5 s at most;
- the halves of a batch that failed as a whole, and the rest of one that was done in part, begin with a fresh
  count of retries ("splitting batches doesn't consume the retry quota");
- a failure reported at a batch's first record is a failure of the whole batch, and splits it;
- without bisecting, the rest behind a reported record has failed once;
- nothing of the lane is delivered while the destination has not yet taken what was given up before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from zlib import crc32

from local.sources.model import Batch, Discarded, Failure, NotInvoked, Outcome, Record, Rules, Success

PAYLOAD_LIMIT = 6 * 1024 * 1024
BACK_OFF_S = (0.1, 5.0)


@dataclass(slots=True)
class Lane:
    rules: Rules
    pending: deque[Record] = field(default_factory=deque)
    retries: deque[Batch] = field(default_factory=deque)
    """Parts of a failed batch, oldest first; they go before anything pending."""
    in_flight: Batch | None = None
    given_up: deque[Discarded] = field(default_factory=deque)
    """What the destination has not yet taken."""
    opened_s: float = 0.0
    """When the window of the next batch began."""
    pending_bytes: int = 0

    def offer(self, records: Sequence[Record], now_s: float) -> None:
        """Records were read; they come in the shard's order."""
        if records and not self.pending:
            self.opened_s = max(self.opened_s, now_s)
        self.pending.extend(records)
        self.pending_bytes += sum(record.size for record in records)

    def next(self, now_s: float) -> Batch | Discarded | None:
        """What is to be done: deliver a batch (then `settle`), or tell of records given up (then `told`)."""
        if self.in_flight is not None:
            return None
        self._expire(now_s)
        if self.given_up:
            return self.given_up[0]
        due = self.due_s()
        if due is None or due > now_s:
            return None
        self.in_flight = self.retries.popleft() if self.retries else self._cut()
        return self.in_flight

    def settle(self, outcome: Outcome, now_s: float) -> None:
        """The batch in flight has come back; what is left of it goes before everything else."""
        batch, self.in_flight = self.in_flight, None
        if batch is None:
            raise ValueError("no batch is in flight")
        self.opened_s = now_s  # "the next window begins as soon as the previous invocation completes"
        match outcome:
            case NotInvoked():
                self._again([replace(batch, refusals=batch.refusals + 1)], now_s)
            case Failure():
                self._failed(batch, outcome, now_s)
            case Success():
                pass

    def told(self) -> None:
        """The destination has taken the oldest of what was given up; or there is no destination."""
        self.given_up.popleft()

    def due_s(self) -> float | None:
        """From when on `next` gives something; None while there is nothing or a batch is in flight."""
        if self.in_flight is not None:
            return None
        if self.given_up:
            return 0.0
        if self.retries:
            return self.retries[0].not_before_s
        if not self.pending:
            return None
        return 0.0 if self._full() else self.opened_s + self.rules.window_s

    @property
    def backlog(self) -> int:
        """Records that are neither done nor told of."""
        waiting = sum(len(batch.records) for batch in self.retries)
        waiting += sum(len(discarded.batch.records) for discarded in self.given_up)
        return len(self.pending) + waiting + (len(self.in_flight.records) if self.in_flight else 0)

    def _full(self) -> bool:
        return len(self.pending) >= self.rules.batch_size or self.pending_bytes >= PAYLOAD_LIMIT

    def _cut(self) -> Batch:
        records: list[Record] = []
        size = 0
        while self.pending and len(records) < self.rules.batch_size:
            size += self.pending[0].size
            if records and size > PAYLOAD_LIMIT:
                break
            records.append(self.pending.popleft())
        self.pending_bytes -= sum(record.size for record in records)
        return Batch(tuple(records))

    def _failed(self, batch: Batch, failure: Failure, now_s: float) -> None:
        done = self._done(batch, failure)
        if self.rules.bisect and len(batch.records) > 1:
            at = done or len(batch.records) // 2
            parts = [Batch(part) for part in (batch.records[:at], batch.records[at:])]
            self._again(parts[1:] if done else parts, now_s)
            return
        failed = Batch(batch.records[done:], 1 if done else batch.failures + 1)
        if 0 <= self.rules.max_retries < failed.failures:
            self.given_up.append(Discarded(failed, "RetryAttemptsExhausted"))
        else:
            self._again([failed], now_s)

    def _done(self, batch: Batch, failure: Failure) -> int:
        """How many of the first records are done: those before the lowest one reported."""
        if failure.items is None or not self.rules.report_items:
            return 0
        at = [i for i, record in enumerate(batch.records) if record.sequence in failure.items]
        known = len(at) == len(failure.items)
        return min(at) if known and at else 0

    def _again(self, batches: list[Batch], now_s: float) -> None:
        first, longest = BACK_OFF_S
        for batch in reversed(batches):
            wait_s = min(first * 2 ** min(batch.failures + batch.refusals, 16), longest)
            self.retries.appendleft(replace(batch, not_before_s=now_s + wait_s))

    def _expire(self, now_s: float) -> None:
        """Give up the records that are too old: the first ones, as they came in order."""
        if self.rules.max_age_s < 0:
            return
        oldest_s = now_s - self.rules.max_age_s
        while self.retries and self.retries[0].records[0].arrived_s < oldest_s:
            batch = self.retries.popleft()
            young = (i for i, record in enumerate(batch.records) if record.arrived_s >= oldest_s)
            old = next(young, len(batch.records))
            self._too_old(replace(batch, records=batch.records[:old]))
            if old < len(batch.records):
                self.retries.appendleft(replace(batch, records=batch.records[old:]))
        expired = []
        while not self.retries and self.pending and self.pending[0].arrived_s < oldest_s:
            expired.append(self.pending.popleft())
            self.pending_bytes -= expired[-1].size
        if expired:
            self._too_old(Batch(tuple(expired)))

    def _too_old(self, batch: Batch) -> None:
        self.given_up.append(Discarded(batch, "RecordAgeExceeded"))


def lane_of(key: str, lanes: int) -> int:
    """Records of one partition key stay in one lane, and so in order."""
    return crc32(key.encode()) % lanes if lanes > 1 else 0
