"""The data bucket in memory: what is set aside there, as the S3 adapters write and read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import md5
from itertools import count

from storage import failed, objects
from storage.failed import Failed, GivenUp, StreamRecord
from storage.objects import NotKept, Quarantined, Rejected
from storage.set_aside import Held, NotThere

BATCH = GivenUp(
    stream="uploads",
    shard="shardId-000000000001",
    start="100",
    end="105",
    size=3,
    first_arrival="2026-11-24T04:00:00.000Z",
    last_arrival="2026-11-24T04:00:01.000Z",
    function="arn:x:lambda:ProcessorsTrack:$LATEST",
    condition="RetryAttemptsExhausted",
    at="2026-11-24T04:00:10.000Z",
)


class FakeBucket:
    """Quarantine, FailedRecords and SetAside at once, on one set of objects."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, float]] = {}
        self.marks: dict[tuple[str, str], bytes] = {}
        self.error: Exception | None = None
        self._now = count(1_795_492_800)

    # Quarantine; `keep` of FailedRecords is told from it by what it is given.
    def keep(self, whose: str | GivenUp, things: Sequence) -> None:
        if isinstance(whose, GivenUp):
            name = f"{things[0].sequence}-{things[-1].sequence}.json"
            self._put(self._failed(whose, name), failed.to_object(Failed(whose, list(things))))
        elif things:
            held = Quarantined(whose, list(things))
            self._put(objects.name(whose, things), objects.to_object(held, next(self._now)))

    def lose(self, batch: GivenUp) -> None:
        name = f"{batch.start}-{batch.end}{failed.LOST}"
        self._put(self._failed(batch, name), failed.to_object(Failed(batch, [])))

    def list(self, prefix: str) -> Iterator[Held]:
        for key in sorted(self.objects):
            if key.startswith(prefix):
                body, at = self.objects[key]
                yield Held(key, _etag(body), at, (key, _etag(body)) in self.marks)

    def read(self, key: str) -> tuple[bytes, str]:
        if key not in self.objects:
            raise NotThere(key)
        return self.objects[key][0], _etag(self.objects[key][0])

    def mark(self, key: str, etag: str, note: bytes) -> None:
        if self.error:
            raise self.error
        self.marks[key, etag] = note

    def quarantined(self) -> set[tuple[str, str]]:
        """Owner and hash of everything that is in quarantine, replayed or not."""
        held = [
            objects.from_object(body) for key, (body, _) in self.objects.items() if key.startswith("quar")
        ]
        return {(one.owner, r.hash) for one in held for r in one.rejected}

    def _failed(self, batch: GivenUp, name: str) -> str:
        return f"{failed.PREFIX}{batch.stream}/{batch.shard}/{name}"

    def _put(self, key: str, body: bytes) -> None:
        if self.error:
            raise NotKept("down")
        self.objects[key] = (body, float(next(self._now)))


class FakeShards:
    """One shard; `trimmed`: all below this sequence number have expired."""

    def __init__(self, *records: StreamRecord, trimmed: int = 0) -> None:
        self.records, self.trimmed = list(records), trimmed
        self.error: Exception | None = None

    def read(self, stream: str, shard: str, start: str, end: str) -> Iterator[StreamRecord]:
        for record in self.records:
            if max(int(start), self.trimmed) <= int(record.sequence) <= int(end):
                yield record
        if self.error:
            raise self.error


def own(body: bytes, reason: str = "lat: wrong", received_ms: int | None = 1_795_492_800_000) -> Rejected:
    return Rejected(body, "own/app", "lat", reason, received_ms)


def _etag(body: bytes) -> str:
    return md5(body, usedforsecurity=False).hexdigest()
