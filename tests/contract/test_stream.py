"""PutRecords takes each record or not: what failed is sent again, and never acknowledged unsent."""

from __future__ import annotations

import hashlib

import boto3
import pytest
from aws_kinesis_agg.aggregator import RecordAggregator
from botocore.stub import ANY, Stubber

import storage.aws
from storage.aggregation import MAGIC, take_apart
from storage.stream import KinesisStream, Plain, StreamRefused
from telemetry.ping import Ping
from telemetry.upload import CorruptUpload, Upload
from tests.strategies import T0_MS

UPLOADS = [Upload("demo", name, "app", T0_MS, (Ping(T0_MS, 1, 2),)) for name in ("li", "wang", "zhao")]
FAILED = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow down"}


@pytest.fixture
def slept(monkeypatch):
    waits: list[float] = []
    monkeypatch.setattr(storage.aws.time, "sleep", waits.append)
    return waits


@pytest.fixture
def stubbed(aws):
    kinesis = boto3.client("kinesis")
    with Stubber(kinesis) as stub:
        yield KinesisStream(kinesis, "uploads"), stub


def answer(*results):
    failed = sum("ErrorCode" in r for r in results)
    return {"Records": list(results)} | ({"FailedRecordCount": failed} if failed else {})


def taken(n: int) -> dict[str, str]:
    return {"SequenceNumber": str(n), "ShardId": "shardId-000000000000"}


def expected(*uploads: Upload):
    return {
        "StreamName": "uploads",
        "Records": [{"Data": u.to_bytes(), "PartitionKey": u.key} for u in uploads],
    }


def test_only_the_failed_records_are_sent_again_after_a_wait(stubbed, slept) -> None:
    stream, stub = stubbed
    stub.add_response("put_records", answer(taken(1), FAILED, taken(2)), expected(*UPLOADS))
    stub.add_response("put_records", answer(taken(3)), expected(UPLOADS[1]))
    stream.put(UPLOADS)
    stub.assert_no_pending_responses()
    assert len(slept) == 1


def test_a_record_that_names_its_hash_key_goes_by_that(stubbed) -> None:
    stream, stub = stubbed
    entry = {"Data": b"x", "PartitionKey": "demo/_3f", "ExplicitHashKey": "7"}
    stub.add_response("put_records", answer(taken(1)), {"StreamName": "uploads", "Records": [entry]})
    stream.put_plain([Plain("demo/_3f", b"x", "7")])
    stub.assert_no_pending_responses()


def test_what_stays_refused_is_an_error(stubbed, slept) -> None:
    stream, stub = stubbed
    for _ in range(5):
        stub.add_response("put_records", answer(FAILED), {"StreamName": ANY, "Records": ANY})
    with pytest.raises(StreamRefused, match="ProvisionedThroughputExceeded"):
        stream.put(UPLOADS[:1])


def test_an_error_of_the_call_is_an_error(stubbed) -> None:
    stream, stub = stubbed
    stub.add_client_error("put_records", "ResourceNotFoundException")
    with pytest.raises(StreamRefused):
        stream.put(UPLOADS[:1])


def aggregate(uploads: list[Upload]) -> bytes:
    """By the library's own aggregator."""
    packer = RecordAggregator()
    for upload in uploads:
        packer.add_user_record(upload.key, upload.to_bytes())
    return packer.clear_and_get().get_contents()[2]


def test_plain_and_aggregated_records_are_taken_alike() -> None:
    assert take_apart(UPLOADS[0].to_bytes()) == [UPLOADS[0].to_bytes()]
    assert [Upload.from_bytes(part) for part in take_apart(aggregate(UPLOADS))] == UPLOADS


def test_a_corrupt_aggregate_is_refused_whole() -> None:
    good = aggregate(UPLOADS)
    for bad in (good[:-1], good[:40] + b"\0" + good[41:], MAGIC, MAGIC + b"x" * 16):
        with pytest.raises(CorruptUpload):
            take_apart(bad)
    body = b"\xff\xff not protobuf"
    with pytest.raises(CorruptUpload):
        take_apart(MAGIC + body + hashlib.md5(body, usedforsecurity=False).digest())
