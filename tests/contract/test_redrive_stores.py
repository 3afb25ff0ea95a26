"""What redrive reads and writes, kept by the S3 and Kinesis adapters as by the fakes of the tests."""

from __future__ import annotations

from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import ANY, Stubber

import storage.aws
from storage import failed, objects
from storage.failed import S3FailedRecords, StreamRecord
from storage.objects import NotKept, Rejected, S3Quarantine
from storage.set_aside import NotThere, S3SetAside
from storage.shards import KinesisShards
from storage.stream import MAX_RECORDS, KinesisStream, Plain, StreamRefused
from tests.fakes_redrive import BATCH, FakeBucket
from tests.strategies import T0_MS

ENTRY = Rejected(b"\x09\xff\x00", "stream", "data", "not ours")
RECORDS = [StreamRecord("100", "demo/wang", T0_MS, b"\x01\xff"), StreamRecord("105", "demo/li", T0_MS, b"")]


class Bucket:
    """The three adapters of one bucket, under the names of FakeBucket."""

    def __init__(self, s3, clock) -> None:
        self._quarantine, self._failed = S3Quarantine(s3, "data", clock), S3FailedRecords(s3, "data")
        aside = S3SetAside(s3, "data")
        self.list, self.read, self.mark, self.lose = aside.list, aside.read, aside.mark, self._failed.lose

    def keep(self, whose, things) -> None:
        (self._quarantine if isinstance(whose, str) else self._failed).keep(whose, things)


@pytest.fixture
def s3(aws):
    client = boto3.client("s3")
    client.create_bucket(Bucket="data")
    return client


@pytest.fixture(params=["s3", "fake"])
def bucket(request):
    if request.param == "fake":
        return FakeBucket()
    ticks = iter(range(1_000_000))
    return Bucket(request.getfixturevalue("s3"), lambda: next(ticks))


def test_what_is_kept_is_read_with_its_bytes(bucket) -> None:
    bucket.keep("demo/wang", [ENTRY])
    bucket.keep(BATCH, RECORDS)
    bucket.lose(BATCH)
    (held,) = bucket.list("quarantine/")
    assert objects.from_object(bucket.read(held.key)[0]) == ("demo/wang", [ENTRY])
    copied, lost = bucket.list("failed/")
    assert copied.key == "failed/uploads/shardId-000000000001/100-105.json"
    assert failed.from_object(bucket.read(copied.key)[0]) == (BATCH, RECORDS)
    assert failed.from_object(bucket.read(lost.key)[0]) == (BATCH, [])
    assert [one.key for one in bucket.list("quarantine/dem")] == [held.key]
    assert list(bucket.list("quarantine/demo/wang/x")) == []


def test_nothing_rejected_is_no_object(bucket) -> None:
    bucket.keep("demo/wang", [])
    assert list(bucket.list("quarantine/")) == []


def test_a_mark_is_of_one_writing(bucket) -> None:
    bucket.keep("demo/wang", [ENTRY])
    (held,) = bucket.list("quarantine/")
    _, etag = bucket.read(held.key)
    assert (etag, held.replayed) == (held.etag, False)
    for _ in range(2):
        bucket.mark(held.key, etag, b"{}")
        assert [one.replayed for one in bucket.list("quarantine/")] == [True]
    bucket.keep("demo/wang", [ENTRY])
    (later,) = bucket.list("quarantine/")
    assert (later.key, later.replayed) == (held.key, False)


def test_a_second_copy_of_failed_records_is_the_same_writing(bucket) -> None:
    bucket.keep(BATCH, RECORDS)
    (held,) = bucket.list("failed/")
    bucket.mark(held.key, held.etag, b"{}")
    bucket.keep(BATCH, RECORDS)
    assert [one.replayed for one in bucket.list("failed/")] == [True]


def test_an_object_that_is_gone_is_not_there(bucket) -> None:
    with pytest.raises(NotThere):
        bucket.read("quarantine/demo/wang/none.json")


def test_more_objects_than_a_page(s3) -> None:
    for i in range(1010):
        s3.put_object(Bucket="data", Key=f"failed/{i:04}", Body=b"")
    assert sum(1 for _ in S3SetAside(s3, "data").list("failed/")) == 1010


def test_a_bucket_that_refuses_is_not_kept(s3) -> None:
    for act in (
        lambda: S3FailedRecords(s3, "none").keep(BATCH, RECORDS),
        lambda: S3FailedRecords(s3, "none").lose(BATCH),
        lambda: S3Quarantine(s3, "none").keep("demo/wang", [ENTRY]),
    ):
        with pytest.raises(NotKept):
            act()


@pytest.fixture
def kinesis(aws):
    client = boto3.client("kinesis")
    client.create_stream(StreamName="uploads", ShardCount=1)
    return client


SHARD = "shardId-000000000000"
ARRIVED = datetime(2026, 11, 24, 4, tzinfo=UTC)


@pytest.fixture
def shards(kinesis):
    pauses: list[float] = []
    return KinesisShards(kinesis, pauses.append)


def filled(kinesis) -> list[StreamRecord]:
    """What Kinesis holds after five records of two keys."""
    sent = [(f"demo/{i % 2}", bytes([i, 255])) for i in range(5)]
    KinesisStream(kinesis, "uploads").put_plain([Plain(*one) for one in sent])
    iterator = kinesis.get_shard_iterator(
        StreamName="uploads", ShardId=SHARD, ShardIteratorType="TRIM_HORIZON"
    )
    got = kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    assert [(r["PartitionKey"], r["Data"]) for r in got] == sent
    return [
        StreamRecord(
            r["SequenceNumber"],
            r["PartitionKey"],
            round(r["ApproximateArrivalTimestamp"].timestamp() * 1000),
            r["Data"],
        )
        for r in got
    ]


def test_a_range_is_read_with_both_its_ends(kinesis, shards) -> None:
    records = filled(kinesis)
    for first, last in ((0, 4), (1, 3), (2, 2)):
        found = list(shards.read("uploads", SHARD, records[first].sequence, records[last].sequence))
        assert found == records[first : last + 1]


def test_a_shard_or_a_stream_that_is_gone_holds_nothing(shards) -> None:
    assert list(shards.read("uploads", "shardId-000000000009", "1", "2")) == []
    assert list(shards.read("none", SHARD, "1", "2")) == []


def page(*numbers: int, behind: int = 0, following: str | None = "next"):
    records = [
        {"SequenceNumber": str(n), "PartitionKey": "k", "Data": b"", "ApproximateArrivalTimestamp": ARRIVED}
        for n in numbers
    ]
    return {"Records": records, "MillisBehindLatest": behind} | (
        {"NextShardIterator": following} if following else {}
    )


@pytest.fixture
def stubbed(aws):
    kinesis = boto3.client("kinesis")
    with Stubber(kinesis) as stub:
        yield KinesisShards(kinesis, lambda _: None), stub


def test_pages_are_read_on_past_empty_ones_to_the_end(stubbed) -> None:
    shards, stub = stubbed
    stub.add_response("get_shard_iterator", {"ShardIterator": "first"}, None)
    for answer in (page(7, behind=9), page(behind=5), page(9, 10, 12)):
        stub.add_response("get_records", answer, {"ShardIterator": ANY, "Limit": ANY})
    assert [r.sequence for r in shards.read("uploads", SHARD, "7", "10")] == ["7", "9", "10"]
    stub.assert_no_pending_responses()


@pytest.mark.parametrize("last", [page(), page(8, following=None), page(20)])
def test_what_is_not_there_ends_the_reading(stubbed, last) -> None:
    shards, stub = stubbed
    stub.add_response("get_shard_iterator", {"ShardIterator": "first"}, None)
    stub.add_response("get_records", last, {"ShardIterator": ANY, "Limit": ANY})
    assert len(list(shards.read("uploads", SHARD, "7", "10"))) <= 1


def test_an_expired_number_that_is_refused_is_read_from_the_oldest_record(stubbed) -> None:
    shards, stub = stubbed
    stub.add_client_error("get_shard_iterator", "InvalidArgumentException")
    oldest = {"StreamName": "uploads", "ShardId": SHARD, "ShardIteratorType": "TRIM_HORIZON"}
    stub.add_response("get_shard_iterator", {"ShardIterator": "first"}, oldest)
    stub.add_response("get_records", page(6, 8, 10), {"ShardIterator": "first", "Limit": ANY})
    assert [r.sequence for r in shards.read("uploads", SHARD, "7", "10")] == ["8", "10"]


@pytest.mark.parametrize("call", ["get_shard_iterator", "get_records"])
def test_a_throttled_shard_is_an_error_and_nothing_is_lost(stubbed, call) -> None:
    shards, stub = stubbed
    if call == "get_records":
        stub.add_response("get_shard_iterator", {"ShardIterator": "first"}, None)
    stub.add_client_error(call, "ProvisionedThroughputExceededException")
    with pytest.raises(Exception, match="ProvisionedThroughputExceeded"):
        list(shards.read("uploads", SHARD, "7", "10"))


def test_calls_are_cut_by_count_and_by_bytes(aws, monkeypatch) -> None:
    monkeypatch.setattr(storage.stream, "MAX_BYTES", 1000)
    kinesis = boto3.client("kinesis")
    sizes = []

    def put_records(**ask):
        sizes.append(len(ask["Records"]))
        return {"FailedRecordCount": 0}

    monkeypatch.setattr(kinesis, "put_records", put_records)
    stream = KinesisStream(kinesis, "uploads")
    stream.put_plain([Plain("k", b"")] * (MAX_RECORDS + 1))
    stream.put_plain([Plain("k", b"x" * 499)] * 5)
    stream.put_plain([Plain("k", b"x" * 2000)] * 2)
    stream.put_plain([])
    assert sizes == [500, 1, 2, 2, 1, 1, 1]


def test_a_replay_tries_longer_than_a_request_may(aws, monkeypatch) -> None:
    monkeypatch.setattr(storage.aws.time, "sleep", lambda _: None)
    kinesis = boto3.client("kinesis")
    failing = {"FailedRecordCount": 1, "Records": [{"ErrorCode": "ProvisionedThroughputExceededException"}]}
    with Stubber(kinesis) as stub:
        for _ in range(12):
            stub.add_response("put_records", failing, {"StreamName": ANY, "Records": ANY})
        with pytest.raises(StreamRefused):
            KinesisStream(kinesis, "uploads", 12).put_plain([Plain("k", b"")])
        stub.assert_no_pending_responses()
