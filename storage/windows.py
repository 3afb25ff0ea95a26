"""The windows table: which trip owned which time of a courier. A row is written once and closed once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from telemetry.live import Window

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class WindowTaken(Exception):
    """Another window starts at the same time, or this one was closed at another."""


class WindowStore(Protocol):
    def open(self, courier: str, window: Window) -> None:
        """Write the row; again with the same trip changes nothing. Raises WindowTaken."""

    def close(self, courier: str, window: Window) -> None:
        """Set the row's end to `window.end_ms`; a repetition changes nothing. Raises WindowTaken."""

    def newest(self, courier: str, limit: int = 2) -> list[Window]:
        """The newest windows of a courier key, oldest first."""

    def between(self, courier: str, from_ms: int, until_ms: int) -> list[Window]:
        """The windows that hold any time from `from_ms` to `until_ms`, oldest first."""


class DynamoWindows:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def open(self, courier: str, window: Window) -> None:
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item=_to_item(courier, window),
                ConditionExpression="attribute_not_exists(courier)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            # The same trip's row stays as it is: it may be closed by now.
            old: Any = error.response.get("Item")
            if old is None or _from_item(old).trip != window.trip:
                raise WindowTaken("another trip starts at the very same time") from error

    def close(self, courier: str, window: Window) -> None:
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key={"courier": {"S": courier}, "start": {"N": str(window.start_ms)}},
                UpdateExpression="SET #end = :end",
                ConditionExpression="trip = :trip AND (attribute_not_exists(#end) OR #end = :end)",
                ExpressionAttributeNames={"#end": "end"},
                ExpressionAttributeValues={":end": {"N": str(window.end_ms)}, ":trip": {"S": window.trip}},
            )
        except ClientError as error:
            raise _taken(error, "the trip's window is closed at another time, or is not there") from error

    def newest(self, courier: str, limit: int = 2) -> list[Window]:
        found = self._backwards(courier, 1 << 62, limit)
        return list(islice(found, limit))[::-1]

    def between(self, courier: str, from_ms: int, until_ms: int) -> list[Window]:
        found = []
        for window in self._backwards(courier, until_ms, 25):
            if window.end_ms is None or window.end_ms >= from_ms:
                found.append(window)
            # Windows of one courier do not overlap, so none before this one reaches further.
            if window.start_ms <= from_ms:
                break
        return found[::-1]

    def _backwards(self, courier: str, until_ms: int, page: int) -> Iterator[Window]:
        """Windows that start at `until_ms` or before, newest first; as many pages as are asked for."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="courier = :courier AND #start <= :until",
            ExpressionAttributeNames={"#start": "start"},
            ExpressionAttributeValues={":courier": {"S": courier}, ":until": {"N": str(until_ms)}},
            ScanIndexForward=False,
            ConsistentRead=True,
            PaginationConfig={"PageSize": page},
        )
        for answer in pages:
            yield from map(_from_item, answer["Items"])


def _taken(error: ClientError, what: str) -> Exception:
    return (
        WindowTaken(what) if error.response["Error"]["Code"] == "ConditionalCheckFailedException" else error
    )


def _to_item(courier: str, window: Window) -> dict[str, Any]:
    item = {
        "courier": {"S": courier},
        "start": {"N": str(window.start_ms)},
        "trip": {"S": window.trip},
        "route": {"S": window.route},
    }
    return item | ({"end": {"N": str(window.end_ms)}} if window.end_ms is not None else {})


def _from_item(item: Any) -> Window:
    end = int(item["end"]["N"]) if "end" in item else None
    return Window(item["trip"]["S"], item["route"]["S"], int(item["start"]["N"]), end)
