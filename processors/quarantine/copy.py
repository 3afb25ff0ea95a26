"""Copies a batch that Lambda gave up from the stream to the data bucket, before it expires in the stream.

A shard's range holds what lies between the batch's first and last record, so also records of other
partition keys that were processed. They are copied as well, since nothing tells them apart, and a replay
of them changes nothing (docs/decisions/0016-redrive.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from storage.failed import FailedRecords, GivenUp, StreamRecord
from storage.shards import Shards

PART_RECORDS = 500
PART_BYTES = 4_000_000


class Log(Protocol):
    def info(self, msg: str, /, *, extra: Mapping[str, Any]) -> None: ...

    def error(self, msg: str, /, *, extra: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Copier:
    shards: Shards
    failed: FailedRecords
    log: Log

    def copy(self, batch: GivenUp) -> None:
        """Return when everything that is left is kept, and what is not left is told.

        Raises NotKept, or what the stream's client raises: then the message is to come again.
        """
        first = last = None
        copied = 0
        for part in parts(self.shards.read(batch.stream, batch.shard, batch.start, batch.end)):
            self.failed.keep(batch, part)
            first, last = first or part[0].sequence, part[-1].sequence
            copied += len(part)
        about = {"shard": batch.shard, "start": batch.start, "end": batch.end, "copied": copied}
        if (first, last) == (batch.start, batch.end):
            self.log.info("failed records are copied", extra=about)
            return
        # The batch's first and last record were in the stream: one that is not has expired there.
        self.failed.lose(batch)
        self.log.error("failed records are lost: they had expired in the stream", extra=about | {"lost": 1})


def parts(records: Iterable[StreamRecord]) -> Iterator[list[StreamRecord]]:
    """The records in order, cut by a rule of their own, so that a second copy is cut alike."""
    part: list[StreamRecord] = []
    size = 0
    for record in records:
        if part and (len(part) == PART_RECORDS or size + len(record.data) > PART_BYTES):
            yield part
            part, size = [], 0
        part.append(record)
        size += len(record.data)
    if part:
        yield part
