"""A range of one shard's records, read back from the stream."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from storage.failed import StreamRecord

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

PAGE_RECORDS = 1_000
PAUSE_S = 0.25  # a shard answers five reads a second, and the event source mapping needs one of them


class Shards(Protocol):
    def read(self, stream: str, shard: str, start: str, end: str) -> Iterator[StreamRecord]:
        """The records that are left of those from sequence number `start` to `end`, in order.

        What has expired is not there any more, and with its shard or stream all of it. Raises the client's
        errors, after its retries.
        """


class KinesisShards:
    def __init__(self, kinesis: KinesisClient, pause: Callable[[float], None] = time.sleep) -> None:
        self._kinesis = kinesis
        self._pause = pause

    def read(self, stream: str, shard: str, start: str, end: str) -> Iterator[StreamRecord]:
        iterator = self._iterator(stream, shard, start)
        while iterator:
            page = self._kinesis.get_records(ShardIterator=iterator, Limit=PAGE_RECORDS)
            for record in page["Records"]:
                if int(record["SequenceNumber"]) > int(end):
                    return
                if int(record["SequenceNumber"]) >= int(start):
                    yield _record(record)
                if record["SequenceNumber"] == end:
                    return
            if not page["Records"] and not page.get("MillisBehindLatest"):
                return  # an empty page in between says how far behind it is
            iterator = page.get("NextShardIterator")
            self._pause(PAUSE_S)

    def _iterator(self, stream: str, shard: str, start: str) -> str | None:
        """None where shard or stream are gone."""
        ask = {"StreamName": stream, "ShardId": shard}
        at = {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "StartingSequenceNumber": start}
        # A number that has expired may be refused, or read from the oldest record on: either is taken.
        for where in (at, {"ShardIteratorType": "TRIM_HORIZON"}):
            try:
                return self._kinesis.get_shard_iterator(**ask, **where)["ShardIterator"]  # type: ignore[arg-type]
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code == "ResourceNotFoundException":
                    return None
                if code != "InvalidArgumentException":
                    raise
        return None


def _record(said: Any) -> StreamRecord:
    arrived_ms = round(said["ApproximateArrivalTimestamp"].timestamp() * 1000)
    return StreamRecord(said["SequenceNumber"], said["PartitionKey"], arrived_ms, said["Data"])
