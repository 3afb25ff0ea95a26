"""Batches that Lambda gave up are copied while they are there, and told where they are not."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.sources import destination
from local.sources.model import Batch, Discarded, Record
from processors.quarantine import copy, handler, message
from processors.quarantine.copy import Copier, parts
from storage import failed
from storage.failed import StreamRecord
from storage.objects import NotKept
from tests.events import CONTEXT
from tests.fakes_redrive import BATCH, FakeBucket, FakeShards

EVENT = (Path(__file__).parents[1] / "events" / "on_failure.json").read_text()
RECORDS = [StreamRecord(str(n), f"demo/{n % 2}", 1_795_492_800_000 + n, bytes([n])) for n in range(98, 110)]


def copier(**shard) -> tuple[Copier, FakeBucket]:
    bucket = FakeBucket()
    return Copier(FakeShards(*RECORDS, **shard), bucket, logging.getLogger("quarantine")), bucket


def kept(bucket: FakeBucket) -> list[StreamRecord]:
    return [r for key in sorted(bucket.objects) for r in failed.from_object(bucket.objects[key][0]).records]


def test_the_message_of_lambda_s_guide_is_read() -> None:
    batch = message.read(EVENT)
    assert (batch.stream, batch.shard, batch.size) == ("mystream", "shardId-000000000001", 500)
    assert batch.start == "49601189658422359378836298521827638475320189012309704722"
    assert batch.end == "49601189658422359378836298522902373528957594348623495186"
    assert batch.function == "arn:aws:lambda:us-east-2:123456789012:function:myfunction"
    assert (batch.condition, batch.at) == ("RetryAttemptsExhausted", "2019-11-14T00:38:06.021Z")


def test_the_message_of_the_laptop_is_read() -> None:
    class Stream:
        batch_name, arn = "KinesisBatchInfo", "arn:aws:kinesis:us-east-1:000000000000:stream/s"

    class Function:
        arn = "arn:f"

    given_up = Discarded(
        Batch((Record("007", "k", 1.0, 1, {}), Record("009", "k", 2.0, 1, {}))), "RecordAgeExceeded"
    )
    said = destination.message(Function(), Stream(), "shard-1", given_up, datetime(2026, 11, 24, tzinfo=UTC))
    batch = message.read(json.dumps(said))
    assert (batch.stream, batch.start, batch.end, batch.size) == ("s", "007", "009", 2)


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "{}", EVENT.replace("KinesisBatchInfo", "DDBStreamBatchInfo"),
             EVENT.replace("49601189658422359378836298521827638475320189012309704722", "x")],
)  # fmt: skip
def test_another_message_is_not_understood(body) -> None:
    with pytest.raises(message.NotUnderstood):
        message.read(body)


def test_the_range_is_copied_with_its_bytes_and_twice_is_once() -> None:
    copies, bucket = copier()
    copies.copy(BATCH)
    assert kept(bucket) == RECORDS[2:8]  # 100 to 105, whoever's they are
    (key,) = bucket.objects
    assert key == "failed/uploads/shardId-000000000001/100-105.json"
    before = {name: body for name, (body, _) in bucket.objects.items()}
    copies.copy(BATCH)
    assert {name: body for name, (body, _) in bucket.objects.items()} == before


@pytest.mark.parametrize(("trimmed", "left"), [(103, ["103", "104", "105"]), (106, [])])
def test_what_has_expired_is_told_and_what_is_left_is_kept(trimmed, left, caplog) -> None:
    copies, bucket = copier(trimmed=trimmed)
    copies.copy(BATCH)
    assert [r.sequence for r in kept(bucket)] == left
    lost = failed.from_object(bucket.objects["failed/uploads/shardId-000000000001/100-105.lost.json"][0])
    assert (lost.batch, lost.records) == (BATCH, [])
    (line,) = [r for r in caplog.records if r.levelname == "ERROR"]
    assert (line.lost, line.copied, line.shard) == (1, len(left), BATCH.shard)


def test_a_range_that_ends_early_is_told_as_lost() -> None:
    copies, bucket = copier()
    copies.copy(replace(BATCH, end="999"))
    assert len(kept(bucket)) == 10
    assert any(key.endswith(failed.LOST) for key in bucket.objects)


def test_parts_are_cut_alike_however_often(monkeypatch) -> None:
    monkeypatch.setattr(copy, "PART_RECORDS", 4)
    assert [len(part) for part in parts(RECORDS)] == [4, 4, 4]
    monkeypatch.setattr(copy, "PART_BYTES", 2)
    assert [len(part) for part in parts(RECORDS)] == [2] * 6
    large = [r._replace(data=b"123") for r in RECORDS[:2]]
    assert [len(part) for part in parts(large)] == [1, 1]
    assert list(parts([])) == []


def event(*bodies: str) -> dict:
    return {"Records": [{"messageId": f"m{i}", "body": body} for i, body in enumerate(bodies)]}


def test_only_the_messages_that_failed_come_again(monkeypatch) -> None:
    copies, bucket = copier()
    monkeypatch.setattr(handler, "wire", lambda: copies)
    answer = handler.handler(event(EVENT, "not ours", EVENT), CONTEXT)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert all(key.endswith(failed.LOST) for key in bucket.objects)  # another stream's numbers


@pytest.mark.parametrize("port", ["shards", "failed"])
def test_a_store_that_is_down_fails_the_message_and_tells_nothing_lost(monkeypatch, port) -> None:
    copies, bucket = copier()
    getattr(copies, port).error = NotKept("down") if port == "failed" else OSError("throttled")
    monkeypatch.setattr(handler, "wire", lambda: copies)
    body = EVENT.replace("49601189658422359378836298521827638475320189012309704722", "100").replace(
        "49601189658422359378836298522902373528957594348623495186", "105"
    )
    assert handler.handler(event(body), CONTEXT)["batchItemFailures"] == [{"itemIdentifier": "m0"}]
    assert not any(key.endswith(failed.LOST) for key in bucket.objects)
    getattr(copies, port).error = None
    assert handler.handler(event(body), CONTEXT) == {"batchItemFailures": []}
    assert [r.sequence for r in kept(bucket)] == ["100", "101", "102", "103", "104", "105"]
