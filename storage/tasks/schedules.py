"""Schedules of recurring tasks: items of the tasks table, whose stream sets and takes back their timers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError

from storage.items import condition_failed, pack, transact, unpack
from storage.tasks import rows
from storage.tasks.model import Kept, Schedule
from storage.tasks.transactions import Transactions

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class ScheduleStore(Protocol):
    def add(self, schedule: Schedule, kept: Kept | None = None) -> bool:
        """One transaction: False where it is there, or `kept`'s key is known."""

    def get(self, fleet: str, schedule: str) -> Schedule | None: ...

    def all(self, fleet: str) -> list[Schedule]:
        """The oldest first."""

    def remove(self, fleet: str, schedule: str) -> None:
        """Where it is there."""

    def tell(self, schedule: Schedule, failed: str | None, at_ms: int) -> None:
        """How making the task of `at_ms` went, unless a later one was told, or it is gone."""


class DynamoSchedules:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._parts = Transactions(table)

    def add(self, schedule: Schedule, kept: Kept | None = None) -> bool:
        return transact(self._dynamodb, self._parts.schedule(schedule, kept))

    def get(self, fleet: str, schedule: str) -> Schedule | None:
        if not schedule.startswith(rows.SCHEDULE):
            return None
        found = self._dynamodb.get_item(
            TableName=self._table, Key=pack({"fleet": fleet, "item": schedule}), ConsistentRead=True
        )
        return rows.schedule_of(unpack(found["Item"])) if "Item" in found else None

    def all(self, fleet: str) -> list[Schedule]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="fleet = :fleet AND begins_with(#item, :schedule)",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues=pack({":fleet": fleet, ":schedule": rows.SCHEDULE}),
            ConsistentRead=True,
        )
        return [rows.schedule_of(unpack(item)) for page in pages for item in page["Items"]]

    def remove(self, fleet: str, schedule: str) -> None:
        self._dynamodb.delete_item(TableName=self._table, Key=pack({"fleet": fleet, "item": schedule}))

    def tell(self, schedule: Schedule, failed: str | None, at_ms: int) -> None:
        change = "SET failed = :failed, failed_ms = :at" if failed else "REMOVE failed, failed_ms"
        older = "(attribute_not_exists(failed_ms) OR failed_ms <= :at)"
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=pack({"fleet": schedule.fleet, "item": schedule.schedule}),
                UpdateExpression=change,
                ConditionExpression=f"attribute_exists(fleet) AND {older}",
                ExpressionAttributeValues=pack({":failed": failed, ":at": at_ms}),
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
