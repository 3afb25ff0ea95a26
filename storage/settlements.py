"""What an ended trip was settled to: kept on its row of the trips table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from botocore.exceptions import ClientError

from storage.items import pack, unpack
from storage.trips import Trip, trip_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Settled:
    """The final record of a trip, as JSON values. revision: 1, 2, …; digest: of the pings and the route that
    it was made from (telemetry/track.py); settled_ms: Unix milliseconds.
    """

    revision: int
    digest: str
    settled_ms: int
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """A trip and how far its settling is. marks: how often it was marked since it ended; due: whether one of
    those came after the pings were last read.
    """

    trip: Trip
    marks: int
    due: bool
    settled: Settled | None


class Settlements(Protocol):
    def standing(self, trip: str) -> Standing | None: ...

    def settle(self, standing: Standing, settled: Settled | None) -> bool:
        """Write what the trip was settled to (None: as before), and it is due no more.

        False, and nothing written, when somebody marked or settled the trip since `standing` was read.
        """


class DynamoSettlements:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def standing(self, trip: str) -> Standing | None:
        found = self._dynamodb.get_item(TableName=self._table, Key=pack({"trip": trip}), ConsistentRead=True)
        if "Item" not in found:
            return None
        return standing_of(found["Item"])

    def settle(self, standing: Standing, settled: Settled | None) -> bool:
        change = "REMOVE due"
        values: dict[str, Any] = {":marks": standing.marks}
        names: dict[str, Any] = {}
        if settled:
            change = f"SET {', '.join(f'#{name} = :{name}' for name in _NAMES)} {change}"
            names = {"ExpressionAttributeNames": {f"#{name}": name for name in _NAMES}}
            values |= {f":{name}": getattr(settled, name) for name in _NAMES}
            values[":record"] = orjson.dumps(settled.record).decode()
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=pack({"trip": standing.trip.trip}),
                UpdateExpression=change,
                ConditionExpression="marks = :marks AND attribute_exists(due)",
                ExpressionAttributeValues=pack(values),
                **names,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True


_NAMES = Settled.__slots__


def standing_of(image: Mapping[str, Any]) -> Standing:
    """From a row's typed attributes, as the table or its stream has them."""
    row = unpack(image)
    return Standing(trip_of(row), int(row.get("marks", 0)), "due" in row, _settled(row))


def _settled(row: dict[str, Any]) -> Settled | None:
    if "revision" not in row:
        return None
    return Settled(int(row["revision"]), row["digest"], int(row["settled_ms"]), orjson.loads(row["record"]))
