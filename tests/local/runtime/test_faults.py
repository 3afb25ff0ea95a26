"""What fails costs itself and nothing else: poison, hangs, killed workers, zombies, splits and merges."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.child import free_port
from local.faults import Faults
from local.logs import Log
from local.runtime import runtime
from local.settings import Settings
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


def test_workers_that_are_killed_and_zombies(tmp_path: Path) -> None:
    """In this process, with the faults injected: nothing of them is there in an ordinary run."""
    root = copy_project(tmp_path / "project")
    answers: list[Answer] = []

    def watched(invoke: Invoke) -> Invoke:
        async def deliver(name: str, event: bytes) -> Answer:
            answers.append(await invoke(name, event))
            return answers[-1]

        return deliver

    def lines() -> list[dict[str, Any]]:
        file = root / "wide.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def seen(what: str, data: str) -> list[dict[str, Any]]:
        return [line for line in lines() if line["what"] == what and data in line["data"]]

    async def come(holds: Callable[[], Any]) -> Any:
        async with asyncio.timeout(20):
            while not (value := holds()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return value

    async def go() -> None:
        faults = Faults(
            deliver=watched, variables=lambda function, worker: {"WORKER": str(worker)}, zombie_s=5.0
        )
        settings = Settings(root=root, port=free_port(), demo=False)
        async with runtime(settings, Log(colour=False, write=lambda _: None), faults) as running:
            there = Running(root, settings.base, None, root / "log.txt")  # type: ignore[arg-type]

            # SIGKILL in the midst of a batch: a function error, split and delivered again.
            await asyncio.to_thread(put, there, "late", "killed")
            [first] = await come(lambda: seen("begun", "killed"))
            assert running.pools[FUNCTION].kill(int(first["worker"]))
            await come(lambda: seen("done", "killed"))
            assert "signal 9" in answers[0].reason
            assert len(seen("begun", "killed")) == 2

            # Its half with "late" timed out, was given up, and did its work all the same, unheard.
            assert any("timed out" in answer.reason for answer in answers if answer.failed)
            [message] = await come(lambda: told(there))
            assert await asyncio.to_thread(record_of, there, message) == b"late"
            await come(lambda: seen("done", "late"))
            begun, finished = (
                next(at for at, line in enumerate(lines()) if line["what"] == what and word in line["data"])
                for what, word in (("done", "killed"), ("done", "late"))
            )
            assert begun < finished

    asyncio.run(go())
