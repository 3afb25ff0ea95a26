"""What fails costs itself and nothing else: poison, hangs, killed workers, zombies, splits and merges."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from local.aws import AwsError
from local.child import free_port
from local.faults import Faults
from local.logs import Log
from local.runtime import Runtime, runtime
from local.settings import Settings
from local.sources.streams import Page, Stream
from local.worker.answer import Answer, Invoke
from tests.local.runtime.conftest import Running, copy_project, until

STREAM = "milepost-dev-pipeline-WideStream"
FUNCTION = "milepost-dev-pipeline-Wide"


def put(project: Running, *data: str, keys: int = 1) -> None:
    """The record `key:number` has the key of its name, if there are more keys than one."""
    records = [
        {"Data": item.encode(), "PartitionKey": item.partition(":")[0] if keys > 1 else "k"} for item in data
    ]
    project.client("kinesis").put_records(StreamName=STREAM, Records=records)


def batches(project: Running, what: str, word: str = "") -> list[list[str]]:
    return [
        line["data"]
        for line in project.lines("wide.jsonl")
        if line["what"] == what and any(word in item for item in line["data"])
    ]


def done(project: Running, word: str) -> list[str]:
    return [item for batch in batches(project, "done", word) for item in batch]


def told(project: Running) -> list[dict[str, Any]]:
    queue = f"{project.state['aws_endpoint']}/000000000000/milepost-dev-pipeline-Unwell"
    client = project.client("sqs")
    said = client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    for message in said:
        client.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in said]


def record_of(project: Running, message: dict[str, Any]) -> bytes:
    """The record that a message tells of, from the stream."""
    where = message["KinesisBatchInfo"]
    assert where["startSequenceNumber"] == where["endSequenceNumber"]
    client = project.client("kinesis")
    iterator = client.get_shard_iterator(
        StreamName=STREAM,
        ShardId=where["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        StartingSequenceNumber=where["startSequenceNumber"],
    )
    return client.get_records(ShardIterator=iterator["ShardIterator"], Limit=1)["Records"][0]["Data"]


@pytest.mark.parametrize(("word", "at", "within_s"), [("poison", 237, 30), ("hang", 311, 60)])
def test_one_bad_record_in_500_is_given_up_alone_after_ten_failures(
    project: Running, word: str, at: int, within_s: float
) -> None:
    """The one that hangs costs a timeout each time; the shard goes on behind it."""
    good = [f"{word}-free-{n}" for n in range(499)]
    put(project, *good[:at], word, *good[at:])
    [message] = until(lambda: told(project), within_s)
    put(project, f"{word}-free-after")
    until(lambda: f"{word}-free-after" in done(project, word))
    assert done(project, word) == [*good, f"{word}-free-after"]
    assert message["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert message["KinesisBatchInfo"]["batchSize"] == 1
    assert record_of(project, message) == word.encode()
    failed = [batch for batch in batches(project, "begun", word) if word in batch]
    assert len(failed) <= 10
    assert len(failed[0]) == 500


def test_a_split_and_a_merge_lose_nothing_and_keep_the_order_of_each_key(project: Running) -> None:
    client = project.client("kinesis")

    def still() -> list[str]:
        listed = client.list_shards(StreamName=STREAM)["Shards"]
        return [s["ShardId"] for s in listed if "EndingSequenceNumber" not in s["SequenceNumberRange"]]

    def ride(first: int) -> None:
        put(project, *(f"rider{n % 7}:{n}" for n in range(first, first + 70)), keys=7)

    ride(0)
    client.split_shard(StreamName=STREAM, ShardToSplit=still()[0], NewStartingHashKey=str(2**127))
    ride(70)
    one, other = still()
    client.merge_shards(StreamName=STREAM, ShardToMerge=one, AdjacentShardToMerge=other)
    ride(140)
    until(lambda: len(done(project, "rider")) >= 210)
    for key in range(7):
        numbers = [
            int(item.partition(":")[2])
            for item in done(project, f"rider{key}:")
            if item.startswith(f"rider{key}:")
        ]
        assert numbers == [*range(key, 210, 7)]


class Expiring:
    """A stream whose iterators are good for one read: every other read finds its iterator expired."""

    def __init__(self, stream: Stream) -> None:
        self._stream, self.expired = stream, 0
        self._used: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    async def read(self, shard: str, iterator: str, limit: int) -> Page:
        if iterator in self._used:
            self.expired += 1
            raise AwsError("GetRecords", "ExpiredIteratorException", "Iterator has expired")
        page = await self._stream.read(shard, iterator, limit)
        if page.next_iterator is not None:
            self._used.add(page.next_iterator)
        return page


class Project:
    """The runtime in this process, with the faults injected: nothing of them is there in an ordinary run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.answers: list[Answer] = []
        self.streams: list[Expiring] = []

    def watched(self, invoke: Invoke) -> Invoke:
        async def deliver(name: str, event: bytes) -> Answer:
            answer = await invoke(name, event)
            if name == FUNCTION:  # the project has other functions, and they have their own sources
                self.answers.append(answer)
            return answer

        return deliver

    def expiring(self, stream: Stream) -> Stream:
        self.streams.append(Expiring(stream))
        return self.streams[-1]  # type: ignore[return-value]  # it has the rest by delegation

    @asynccontextmanager
    async def run(self) -> AsyncIterator[Runtime]:
        faults = Faults(
            deliver=self.watched,
            stream=self.expiring,
            variables=lambda function, worker: {"WORKER": str(worker)},
            zombie_s=5.0,
        )
        settings = Settings(root=self.root, port=free_port(), demo=False, workers=1)
        async with runtime(settings, Log(colour=False, write=lambda _: None), faults) as running:
            self.there = Running(self.root, settings.base, None, self.root / "log.txt")  # type: ignore[arg-type]
            yield running

    async def seen(self, what: str, data: str, times: int = 1) -> list[dict[str, Any]]:
        """Where a batch with this record has begun, or was done, so many times."""
        async with asyncio.timeout(20):
            while True:
                lines = self.there.lines("wide.jsonl")
                found = [line for line in lines if line["what"] == what and data in line["data"]]
                if len(found) >= times:
                    return found
                await asyncio.sleep(0.02)

    async def told(self) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while not (said := await asyncio.to_thread(told, self.there)):
                pass
        return said[0]


def test_workers_that_are_killed_zombies_and_expired_iterators(tmp_path: Path) -> None:
    project = Project(copy_project(tmp_path / "project"))

    async def go() -> None:
        async with project.run() as running:
            pool = running.pools[FUNCTION]

            # SIGKILL in the midst of a batch: a function error, so it is split and delivered again.
            await asyncio.to_thread(put, project.there, "late", "killed")
            [first] = await project.seen("begun", "killed")
            assert pool.kill(int(first["worker"]))
            [second] = await project.seen("done", "killed")
            assert second["data"] == ["killed"]
            assert "signal 9" in project.answers[0].reason

            # The other half timed out and was given up; its worker runs on, unheard, and does the work.
            assert any("timed out" in answer.reason for answer in project.answers if answer.failed)
            assert await asyncio.to_thread(record_of, project.there, await project.told()) == b"late"
            [zombie] = await project.seen("done", "late")
            assert zombie["worker"] != second["worker"]

            # SIGKILL to one that has nothing to do: the next batch gets another.
            assert pool.kill(int(second["worker"]))
            await asyncio.to_thread(put, project.there, "again")
            [third] = await project.seen("done", "again")
            assert third["worker"] not in (second["worker"], zombie["worker"])
            assert not pool.kill(int(second["worker"]))

            assert any(stream.expired > 2 for stream in project.streams)
            batches = [line["data"] for line in project.there.lines("wide.jsonl") if line["what"] == "begun"]
            assert batches == [["late", "killed"], ["late"], ["killed"], ["again"]]

    asyncio.run(go())
