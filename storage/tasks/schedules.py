"""Schedules of recurring tasks: items of the tasks table, whose stream sets and takes back their timers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError

from storage.damage import OnDamage, readable, refuse, sound
from storage.items import condition_failed, pack, transact, unpack
from storage.queries import below, every
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
    """damaged: what becomes of a row in a list that cannot be read."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, damaged: OnDamage = refuse) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._damaged = damaged
        self._parts = Transactions(table)

    def add(self, schedule: Schedule, kept: Kept | None = None) -> bool:
        return transact(self._dynamodb, self._parts.schedule(schedule, kept))

    def get(self, fleet: str, schedule: str) -> Schedule | None:
        if not schedule.startswith(rows.SCHEDULE):
            return None
        found = self._dynamodb.get_item(
            TableName=self._table, Key=pack({"fleet": fleet, "item": schedule}), ConsistentRead=True
        )
        return sound(unpack(found["Item"]), rows.schedule_of) if "Item" in found else None

    def all(self, fleet: str) -> list[Schedule]:
        found = every(self._dynamodb, below(self._table, fleet, rows.SCHEDULE))
        return list(readable(found, rows.schedule_of, self._damaged))

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
