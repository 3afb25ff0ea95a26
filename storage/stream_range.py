"""Records of a table's stream between two sequence numbers, for as long as the stream has them: a day.

Source: Amazon DynamoDB Streams API reference, GetShardIterator and GetRecords.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

_GONE = {"TrimmedDataAccessException", "ResourceNotFoundException"}
EMPTY = 20
"""Answers in a row without a record; a single one is no end."""


class Range(NamedTuple):
    """As an on-failure message names it; first and last are sequence numbers, both included."""

    stream: str
    shard: str
    first: str
    last: str


class NotThere(Exception):
    """The stream has no longer all records of a range, or did not show them; the message says which."""


class Ranges(Protocol):
    def read(self, wanted: Range) -> list[Mapping[str, Any]]:
        """In order, as a function's event has them. Raises NotThere."""


class StreamRanges:
    def __init__(self, streams: DynamoDBStreamsClient) -> None:
        self._streams = streams

    def read(self, wanted: Range) -> list[Mapping[str, Any]]:
        try:
            return self._read(wanted)
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                raise NotThere("its records have left the table's stream, which has a day") from error
            raise

    def _read(self, wanted: Range) -> list[Mapping[str, Any]]:
        iterator: str | None = self._streams.get_shard_iterator(
            StreamArn=wanted.stream,
            ShardId=wanted.shard,
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=wanted.first,
        )["ShardIterator"]
        found: list[Mapping[str, Any]] = []
        empty = 0
        while iterator and empty < EMPTY:
            answer = self._streams.get_records(ShardIterator=iterator)
            for record in answer["Records"]:
                if int(record["dynamodb"]["SequenceNumber"]) > int(wanted.last):
                    return found
                found.append(_as_event(record))
            if found and int(_sequence(found[-1])) >= int(wanted.last):
                return found
            empty = 0 if answer["Records"] else empty + 1
            iterator = answer.get("NextShardIterator")
        raise NotThere("the table's stream did not show all of its records; try again")


def _sequence(record: Mapping[str, Any]) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def _as_event(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A function is told the time as a number."""
    stream = dict(record["dynamodb"])
    moment = stream.get("ApproximateCreationDateTime")
    if moment is not None and not isinstance(moment, int | float):
        stream["ApproximateCreationDateTime"] = moment.timestamp()
    return {**record, "dynamodb": stream}
