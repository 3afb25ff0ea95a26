"""The history table: chunks of a trip's pings, keyed by trip and time bucket alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError

from storage.aws import backoff
from telemetry import history
from telemetry.history import Joined, Sighted, Sighting, Sightings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TTL_S = 180 * 86_400  # a trip's pings outlive every report, and the archive has them before


MAX_CHUNK_BYTES = 380_000  # below DynamoDB's 400 KB an item; 480 s of pings at 60 Hz


class ChunkBusy(Exception):
    """Other writers kept winning the chunk; try again later."""


class ChunkFull(Exception):
    """The chunk has no room for what is new, today or later."""


Keep = Callable[[list[Sighting]], None]


class HistoryStore(Protocol):
    def unite(self, trip: str, bucket: int, new: Sequence[Sighted], keep: Keep) -> None:
        """Unite pings into the chunk, conditional on its revision; nothing new writes nothing.

        keep: takes the losers, before the chunk's copy of them is overwritten. Raises ChunkBusy after
        several lost races, ChunkFull.
        """

    def read(self, trip: str, from_bucket: int = 0) -> Sightings:
        """All pings of the trip's chunks, from a bucket on."""


class DynamoHistory:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def unite(self, trip: str, bucket: int, new: Sequence[Sighted], keep: Keep) -> None:
        for _ in backoff():
            known, revision = self._chunk(trip, bucket)
            union = history.join_all(known, new)
            # One that loses to any other can never win, so it may be kept whoever wins the race.
            keep(union.losers)
            if not union.changed or self._put(trip, bucket, revision, union):
                return
        raise ChunkBusy(f"chunk {bucket} of trip {trip} was changed by others again and again")

    def read(self, trip: str, from_bucket: int = 0) -> Sightings:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="trip = :trip AND #bucket >= :bucket",
            ExpressionAttributeNames={"#bucket": "bucket"},
            ExpressionAttributeValues={":trip": {"S": trip}, ":bucket": {"N": str(from_bucket)}},
            ConsistentRead=True,
        )
        found = Sightings()
        for page in pages:
            for item in page["Items"]:
                found = history.join_all(found, history.unpack(item["pings"]["B"]).parts).sightings
        return found

    def _chunk(self, trip: str, bucket: int) -> tuple[Sightings, int]:
        key = {"trip": {"S": trip}, "bucket": {"N": str(bucket)}}
        item = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return (history.unpack(item["pings"]["B"]), int(item["revision"]["N"])) if item else (Sightings(), 0)

    def _put(self, trip: str, bucket: int, revision: int, union: Joined) -> bool:
        packed = history.pack(union.sightings)
        if len(packed) > MAX_CHUNK_BYTES:
            raise ChunkFull(f"chunk {bucket} of trip {trip} holds as many pings as it can")
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item={
                    "trip": {"S": trip},
                    "bucket": {"N": str(bucket)},
                    "revision": {"N": str(revision + 1)},
                    "pings": {"B": packed},
                    "ttl": {"N": str((bucket + 1) * history.BUCKET_S + TTL_S)},
                },
                ConditionExpression="revision = :revision" if revision else "attribute_not_exists(trip)",
                **({"ExpressionAttributeValues": {":revision": {"N": str(revision)}}} if revision else {}),  # type: ignore[arg-type]
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True
