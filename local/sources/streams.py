"""The two kinds of streams, read over the emulator's API: how to ask, and a record as its event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from local.aws import Aws
from local.sources.model import Record
from local.sources.shards import TRIM_HORIZON, Found, Position


@dataclass(frozen=True, slots=True)
class Page:
    records: list[Record]
    next_iterator: str | None
    """None: the shard is closed and read to its end."""
    behind: bool
    """There is more to read now."""


class Stream(Protocol):
    """A stream that can be read shard by shard."""

    arn: str
    batch_name: str
    """What AWS calls a batch's description in an on-failure message."""
    aws_poll_s: float
    """How often AWS asks a shard; never asked less often here."""

    async def retention_s(self) -> float:
        """How long a record is kept: nothing is retried beyond that."""

    async def shards(self) -> list[Found]:
        """All that are kept, the closed ones too."""

    async def iterator(self, shard: str, position: Position) -> str: ...

    async def read(self, shard: str, iterator: str, limit: int) -> Page: ...


class Kinesis:
    batch_name = "KinesisBatchInfo"
    aws_poll_s = 1.0

    def __init__(self, aws: Aws, arn: str) -> None:
        self._aws, self.arn = aws, arn
        self._name = arn.rpartition("/")[2]

    async def retention_s(self) -> float:
        said = await self._aws.call("Kinesis_20131202.DescribeStreamSummary", {"StreamName": self._name})
        return float(said["StreamDescriptionSummary"]["RetentionPeriodHours"]) * 3600

    async def shards(self) -> list[Found]:
        ask, found = {"StreamName": self._name}, []
        while True:
            said = await self._aws.call("Kinesis_20131202.ListShards", ask)
            found += [_found(shard) for shard in said["Shards"]]
            if not (token := said.get("NextToken")):
                return found
            ask = {"NextToken": token}

    async def iterator(self, shard: str, position: Position) -> str:
        where = _where(position, "StartingSequenceNumber")
        ask = {"StreamName": self._name, "ShardId": shard, **where}
        said = await self._aws.call("Kinesis_20131202.GetShardIterator", ask)
        return str(said["ShardIterator"])

    async def read(self, shard: str, iterator: str, limit: int) -> Page:
        ask = {"ShardIterator": iterator, "Limit": min(limit, 10_000)}
        said = await self._aws.call("Kinesis_20131202.GetRecords", ask)
        records = [self._record(shard, record) for record in said["Records"]]
        return Page(records, said.get("NextShardIterator"), said.get("MillisBehindLatest", 0) > 0)

    def _record(self, shard: str, record: Mapping[str, Any]) -> Record:
        sequence, key = record["SequenceNumber"], record["PartitionKey"]
        arrived_s = float(record["ApproximateArrivalTimestamp"])
        event = {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": key,
                "sequenceNumber": sequence,
                "data": record["Data"],
                "approximateArrivalTimestamp": arrived_s,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{shard}:{sequence}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": "arn:aws:iam::000000000000:role/local",
            "awsRegion": self._aws.region,
            "eventSourceARN": self.arn,
        }
        return Record(sequence, key, arrived_s, len(record["Data"]) + 500, event)


class DynamoDb:
    batch_name = "DDBStreamBatchInfo"
    aws_poll_s = 0.25

    def __init__(self, aws: Aws, arn: str) -> None:
        self._aws, self.arn = aws, arn

    async def retention_s(self) -> float:
        return 24 * 3600.0

    async def shards(self) -> list[Found]:
        ask, found = {"StreamArn": self.arn}, []
        while True:
            said = await self._aws.call("DynamoDBStreams_20120810.DescribeStream", ask)
            found += [_found(shard) for shard in said["StreamDescription"]["Shards"]]
            if not (last := said["StreamDescription"].get("LastEvaluatedShardId")):
                return found
            ask = {"StreamArn": self.arn, "ExclusiveStartShardId": last}

    async def iterator(self, shard: str, position: Position) -> str:
        """These streams know no timestamps: the reader leaves out what came before."""
        known = TRIM_HORIZON if position.kind == "AT_TIMESTAMP" else position
        ask = {"StreamArn": self.arn, "ShardId": shard, **_where(known, "SequenceNumber")}
        said = await self._aws.call("DynamoDBStreams_20120810.GetShardIterator", ask)
        return str(said["ShardIterator"])

    async def read(self, shard: str, iterator: str, limit: int) -> Page:  # noqa: ARG002 (the iterator knows it)
        limit = min(limit, 1_000)
        ask = {"ShardIterator": iterator, "Limit": limit}
        said = await self._aws.call("DynamoDBStreams_20120810.GetRecords", ask)
        records = [self._record(record) for record in said["Records"]]
        return Page(records, said.get("NextShardIterator"), len(records) == limit)

    def _record(self, record: Mapping[str, Any]) -> Record:
        change = record["dynamodb"]
        key = orjson.dumps(change["Keys"], option=orjson.OPT_SORT_KEYS)
        event = {**record, "eventSourceARN": self.arn}
        size = len(orjson.dumps(event))
        return Record(
            change["SequenceNumber"], key.decode(), float(change["ApproximateCreationDateTime"]), size, event
        )


def _found(shard: Mapping[str, Any]) -> Found:
    parents = (shard.get("ParentShardId"), shard.get("AdjacentParentShardId"))
    return Found(shard["ShardId"], tuple(parent for parent in parents if parent))


def _where(position: Position, name: str) -> dict[str, Any]:
    match position.kind:
        case "AFTER_SEQUENCE_NUMBER":
            return {"ShardIteratorType": position.kind, name: position.sequence}
        case "AT_TIMESTAMP":
            return {"ShardIteratorType": position.kind, "Timestamp": position.since_s}
        case _:
            return {"ShardIteratorType": position.kind}
