"""A poller against a stream in memory: what it does when reading or the function fails."""

from __future__ import annotations

import asyncio
import time
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
from local.sources.shards import LATEST, TRIM_HORIZON, Found, Position
from local.sources.streams import Page
from local.tasks import Tasks
from local.worker.answer import Answer, NotReached


class Stream:
    """Shards in memory: each is closed, and read to its end by who reads on. Iterators tell the index."""

    arn, batch_name, aws_poll_s = "arn:stream", "Info", 1.0

    def __init__(
        self,
        shards: dict[str, list[Record]],
        *,
        parents: dict[str, tuple[str, ...]] | None = None,
        expiring: bool = False,
        failures: int = 0,
        endless: bool = False,
    ) -> None:
        self.shards_, self._parents, self._endless = shards, parents or {}, endless
        self._expiring, self._failures = expiring, failures
        self.asked: list[tuple[str, Position]] = []

    async def retention_s(self) -> float:
        return 1e12

    async def shards(self) -> list[Found]:
        return [Found(shard, self._parents.get(shard, ())) for shard in self.shards_]

    async def iterator(self, shard: str, position: Position) -> str:
        self.asked.append((shard, position))
        sequences = [record.sequence for record in self.shards_[shard]]
        match position.kind:
            case "AFTER_SEQUENCE_NUMBER":
                return str(sequences.index(position.sequence) + 1)
            case "LATEST":
                return str(len(sequences))
            case _:
                return "0"

    async def read(self, shard: str, iterator: str, limit: int) -> Page:
        if self._failures:
            self._failures -= 1
            raise AwsError("GetRecords", "InternalFailure", "for now")
        if iterator == "old":
            raise AwsError("GetRecords", "ExpiredIteratorException", "too old")
        at = int(iterator)
        records = self.shards_[shard][at : at + 2]
        last = at + len(records) >= len(self.shards_[shard]) and not self._endless
        following = "old" if self._expiring and not last else str(at + len(records))
        return Page(records, None if last else following, behind=bool(records))


def record(n: int, key: str = "k", arrived_s: float = 0.0) -> Record:
    return Record(f"{n:03d}", key, arrived_s, 10, {"n": n, "key": key})


def run(
    stream: Stream, rules: Rules, answer: Callable[[list[dict]], Answer], expected: int, **mapping: Any
) -> tuple[list[list[dict]], list[Discarded]]:
    """Poll until `expected` records were given to the function or given up; batches and what was given up."""
    batches: list[list[dict]] = []
    given_up: list[Discarded] = []
    start = mapping.get("start", TRIM_HORIZON)
    mapped = Mapped("arn", "f", rules, start, None, mapping.get("filters", ()))

    async def invoke(name: str, event: bytes) -> Answer:
        batches.append(orjson.loads(event)["Records"])
        return answer(batches[-1])

    async def give_up(mapped: Mapped, stream: Any, shard: str, discarded: Discarded) -> None:
        given_up.append(discarded)

    async def poll() -> None:
        log = Log(colour=False, write=lambda _: None)
        tasks = Tasks(log)
        await Poller(mapped, stream, invoke, give_up, 0.001, log).start(tasks)
        mapping.get("started", lambda: None)()
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


def test_a_child_is_read_when_its_parents_are_finished_and_not_before() -> None:
    """Even while the only batch of a parent fails again and again."""
    shards = {
        "child": [record(n) for n in (20, 21)],
        "a": [record(n) for n in (1, 2, 3)],
        "b": [record(n) for n in (11, 12)],
    }
    left = {2: 3, 12: 2}

    def weak(batch: list[dict]) -> Answer:
        tried = next((r["n"] for r in batch if left.get(r["n"])), None)
        if tried is None:
            return Answer(b"null")
        left[tried] -= 1
        return Answer(b"{}", failed=True)

    stream = Stream(shards, parents={"child": ("a", "b"), "a": ("gone",)})
    batches, _ = run(stream, Rules(batch_size=2), weak, 15)
    told = [r["n"] for batch in batches for r in batch]
    assert max(at for at, n in enumerate(told) if n < 20) < told.index(20)
    assert set(told) == {1, 2, 3, 11, 12, 20, 21}


def test_a_shard_that_appears_later_is_read_from_its_first_record_also_with_latest() -> None:
    stream = Stream({"a": [record(1)]}, parents={"b": ("a",)})

    def split() -> None:
        stream.shards_["a"].append(record(2, arrived_s=time.time()))
        stream.shards_["b"] = [record(3, arrived_s=time.time()), record(4, arrived_s=time.time())]

    batches, _ = run(stream, Rules(batch_size=1), good, 3, start=LATEST, started=split)
    assert [r["n"] for batch in batches for r in batch] == [2, 3, 4]


def test_latest_still_means_the_start_when_the_first_iterator_expires_unused() -> None:
    """A child whose parent takes long: what came meanwhile is read, what came before the start is not."""
    stream = Stream({"a": [record(1)]}, expiring=True, endless=True)

    def come() -> None:
        stream.shards_["a"].append(record(2, arrived_s=time.time()))

    async def late(shard: str, iterator: str, limit: int) -> Page:
        if iterator == "1":
            come()
            raise AwsError("GetRecords", "ExpiredIteratorException", "too old")
        return await Stream.read(stream, shard, iterator, limit)

    stream.read = late  # type: ignore[method-assign]
    batches, _ = run(stream, Rules(), good, 1, start=LATEST)
    assert [r["n"] for batch in batches for r in batch] == [2]
    kinds = [position.kind for _, position in stream.asked]
    assert kinds[:2] == ["LATEST", "AT_TIMESTAMP"]


def test_a_function_that_was_not_reached_uses_up_no_retries() -> None:
    refused = 5

    def throttled(batch: list[dict]) -> Answer:
        nonlocal refused
        refused -= 1
        if refused >= 0:
            raise NotReached("429")
        return Answer(b"null")

    stream = Stream({"a": [record(1), record(2)]})
    batches, given_up = run(stream, Rules(bisect=True, max_retries=0), throttled, 12)
    assert [[r["n"] for r in batch] for batch in batches] == [[1, 2]] * 6
    assert given_up == []


@pytest.mark.parametrize("pattern", [{"a": [{"wildcard": "x*"}]}, {"a": "x"}, {"a": {"b": []}}])
def test_a_filter_that_is_not_known_is_refused_at_the_start(pattern: dict) -> None:
    with pytest.raises(ValueError, match=r"a|b"):
        check(pattern)
