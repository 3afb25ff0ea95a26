"""The trips table: one courier's run of one task."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from storage.items import condition_failed, pack, unpack, whole

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Trip:
    """started_ms, finished_ms: Unix milliseconds; finished_ms is None while it runs."""

    trip: str
    fleet: str
    courier: str
    task: str
    route: str
    started_ms: int
    finished_ms: int | None = None


class TripStore(Protocol):
    def get(self, trip: str) -> Trip | None: ...

    def start(self, trip: Trip) -> None:
        """Write the row where there is none; again changes nothing."""

    def finish(self, trip: Trip) -> None:
        """Set the row's end to `trip.finished_ms`, once; again changes nothing."""


class DynamoTrips:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def get(self, trip: str) -> Trip | None:
        found = self._dynamodb.get_item(TableName=self._table, Key=pack({"trip": trip}), ConsistentRead=True)
        return _trip(found["Item"]) if "Item" in found else None

    def start(self, trip: Trip) -> None:
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item=pack(asdict(trip)),
                ConditionExpression="attribute_not_exists(trip)",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise

    def finish(self, trip: Trip) -> None:
        self._dynamodb.update_item(
            TableName=self._table,
            Key=pack({"trip": trip.trip}),
            UpdateExpression="SET finished_ms = if_not_exists(finished_ms, :end)",
            ConditionExpression="attribute_exists(trip)",
            ExpressionAttributeValues=pack({":end": trip.finished_ms}),
        )


def _trip(item: Any) -> Trip:
    row = unpack(item)
    row["started_ms"] = int(row["started_ms"])
    row["finished_ms"] = whole(row.get("finished_ms"))
    return Trip(**row)
