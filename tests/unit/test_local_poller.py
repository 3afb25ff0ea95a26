"""A poller against a stream in memory: what it does when reading or the function fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from local.aws import AwsError
from local.logs import Log
from local.sources import lane, reader
from local.sources.filters import check
from local.sources.mapping import Mapped
from local.sources.model import Discarded, Record, Rules
from local.sources.poller import Poller
from local.sources.shards import TRIM_HORIZON, Found, Position
from local.sources.streams import Page
from local.tasks import Tasks
from local.worker.answer import Answer


class Stream:
    """Two shards of records; every iterator is good for one read only when `expiring`."""

    arn, batch_name, aws_poll_s = "arn:stream", "Info", 1.0

    def __init__(self, shards: dict[str, list[Record]], *, expiring: bool = False, failures: int = 0) -> None:
        self._shards, self._expiring, self._failures = shards, expiring, failures

    async def shards(self) -> list[str]:
        return list(self._shards)

    async def iterator(self, shard: str, start: str, after: str | None) -> str:
        sequences = [record.sequence for record in self._shards[shard]]
        return str(sequences.index(after) + 1 if after else 0 if start == "TRIM_HORIZON" else len(sequences))

    async def read(self, shard: str, iterator: str, limit: int) -> Page:
        if self._failures:
            self._failures -= 1
            raise AwsError("GetRecords", "InternalFailure", "for now")
        if iterator == "old":
            raise AwsError("GetRecords", "ExpiredIteratorException", "too old")
        at = int(iterator)
        records = self._shards[shard][at : at + 2]
        last = at + len(records) >= len(self._shards[shard])
        following = "old" if self._expiring and not last else str(at + len(records))
        return Page(records, None if last else following, behind=True)


def record(n: int, key: str = "k") -> Record:
    return Record(f"{n:03d}", key, 0.0, 10, {"n": n, "key": key})


def run(
    stream: Stream, rules: Rules, answer: Callable[[list[dict]], Answer], expected: int, **mapping: Any
) -> tuple[list[list[dict]], list[Discarded]]:
    """Poll until `expected` records were given to the function or given up; batches and what was given up."""
    batches: list[list[dict]] = []
    given_up: list[Discarded] = []
    mapped = Mapped("arn", "f", rules, mapping.get("start", TRIM_HORIZON), None, mapping.get("filters", ()))

    async def invoke(name: str, event: bytes) -> Answer:
        batches.append(orjson.loads(event)["Records"])
        return answer(batches[-1])

    async def give_up(mapped: Mapped, stream: Any, shard: str, discarded: Discarded) -> None:
        given_up.append(discarded)

    async def poll() -> None:
        log = Log(colour=False, write=lambda _: None)
        tasks = Tasks(log)
        await Poller(mapped, stream, invoke, give_up, 0.001, log).start(tasks)
        async with asyncio.timeout(10):
            while sum(map(len, batches)) + sum(len(d.batch.records) for d in given_up) < expected:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        await tasks.end()

    asyncio.run(poll())
    return batches, given_up


def good(_: list[dict]) -> Answer:
    return Answer(b"null")


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "RETRY_S", 0.001)
    monkeypatch.setattr(lane, "BACK_OFF_S", (0.001, 0.001))


@pytest.mark.parametrize("trouble", [{"expiring": True}, {"failures": 3}, {}])
def test_every_record_comes_once_whatever_befalls_the_reading(trouble: dict) -> None:
    shards = {"a": [record(n) for n in range(9)], "b": [record(n) for n in range(100, 104)]}
    batches, _ = run(Stream(shards, **trouble), Rules(batch_size=3), good, 13)
    told = [r["n"] for batch in batches for r in batch]
    assert sorted(told) == [*range(9), *range(100, 104)]
    assert [n for n in told if n < 100] == [*range(9)]
    assert max(map(len, batches)) <= 3


def test_keys_keep_their_order_in_parallel_lanes() -> None:
    records = [record(n, f"k{n % 5}") for n in range(60)]
    batches, _ = run(Stream({"a": records}), Rules(batch_size=4, parallel=3), good, 60)
    for key in range(5):
        assert [r["n"] for batch in batches for r in batch if r["key"] == f"k{key}"] == [*range(key, 60, 5)]


def test_what_the_filters_leave_out_is_not_given() -> None:
    records = [record(n) for n in range(10)]
    batches, _ = run(Stream({"a": records}), Rules(), good, 2, filters=({"n": [3, {"numeric": [">", 8]}]},))
    assert [r["n"] for batch in batches for r in batch] == [3, 9]


def test_a_failing_function_is_asked_again_and_then_given_up() -> None:
    def bad(batch: list[dict]) -> Answer:
        return Answer(b'{"errorType":"X"}', failed=any(r["n"] == 2 for r in batch))

    shards = {"a": [record(n) for n in range(5)]}
    batches, given_up = run(
        Stream(shards), Rules(batch_size=5, window_s=9, bisect=True, max_retries=1), bad, 14
    )
    assert [[r.sequence for r in d.batch.records] for d in given_up] == [["002"]]
    assert sum(1 for batch in batches if [r["n"] for r in batch] == [2]) == 2


@pytest.mark.parametrize("pattern", [{"a": [{"wildcard": "x*"}]}, {"a": "x"}, {"a": {"b": []}}])
def test_a_filter_that_is_not_known_is_refused_at_the_start(pattern: dict) -> None:
    with pytest.raises(ValueError, match=r"a|b"):
        check(pattern)
