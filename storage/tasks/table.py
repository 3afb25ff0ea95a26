"""The tasks table in DynamoDB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from storage.aws import batch_get
from storage.items import pack, transact, unpack
from storage.tasks import rows
from storage.tasks.model import Courier, Kept, Line, Task, Trip
from storage.tasks.store import Desk, Made, Move
from storage.tasks.transactions import Transactions
from telemetry.life import State

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STATE_INDEX, COURIER_INDEX, WATCH_INDEX = "state-index", "courier-index", "watch-index"


class DynamoTasks:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._parts = Transactions(table)

    def add(self, task: Task, kept: Kept | None = None) -> bool:
        return transact(self._dynamodb, self._parts.add(task, kept))

    def get(self, fleet: str, task: str) -> Task | None:
        row = self._row(fleet, task) if task.startswith(rows.TASK) else {}
        return rows.task_of(row) if row else None

    def page(self, fleet: str, status: str | None, after: str | None, limit: int) -> list[Task]:
        if status is None:
            found = self._newest(None, "fleet", fleet, fleet, rows.TASK, after, limit)
        else:
            value = rows.listed(fleet, "task", status)
            found = self._newest(STATE_INDEX, "listed", value, fleet, rows.TASK, after, limit)
        return [rows.task_of(row) for row in found]

    def change(self, before: Task, after: Task, kept: Kept | None = None) -> bool:
        return transact(self._dynamodb, self._parts.change(before, after, kept))

    def desk(self, fleet: str, task: str, courier: str) -> Desk:
        if not task.startswith(rows.TASK):
            return Desk(None, None, Courier())
        names = [task, rows.claim_key(task, courier), rows.courier_key(courier)]
        keys = [pack({"fleet": fleet, "item": name}) for name in names]
        read = map(unpack, batch_get(self._dynamodb, self._table, keys, consistent=True))
        found = {row["item"]: row for row in read}
        job, claim, rider = (found.get(name, {}) for name in names)
        return Desk(rows.task_of(job) if job else None, rows.claim_of(claim), rows.courier_of(rider))

    def trip(self, fleet: str, trip: str) -> Trip | None:
        row = self._row(fleet, trip) if trip.startswith(rows.TRIP) and "/" not in trip else {}
        return rows.trip_of(row) if row else None

    def courier(self, fleet: str, courier: str) -> Courier:
        return rows.courier_of(self._row(fleet, rows.courier_key(courier)))

    def trips_of(self, fleet: str, courier: str, after: str | None, limit: int) -> list[Trip]:
        value = rows.rider(fleet, courier)
        found = self._newest(COURIER_INDEX, "rider", value, fleet, rows.TRIP, after, limit)
        return [rows.trip_of(row) for row in found]

    def trips_in(self, fleet: str, state: State, after: str | None, limit: int) -> list[Trip]:
        value = rows.listed(fleet, "trip", state)
        found = self._newest(STATE_INDEX, "listed", value, fleet, rows.TRIP, after, limit)
        return [rows.trip_of(row) for row in found]

    def trips_on(self, fleet: str, task: str, after: str | None, limit: int) -> list[Trip]:
        behind: Any = {"ExclusiveStartKey": pack({"fleet": fleet, "item": rows.claim_key(task, after or "")})}
        answer = self._dynamodb.query(  # 500 claims are far from the 1 MB at which an answer ends
            TableName=self._table,
            KeyConditionExpression="fleet = :fleet AND begins_with(#item, :claims)",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues=pack({":fleet": fleet, ":claims": rows.claim_key(task, "")}),
            ConsistentRead=True,
            Limit=limit,
            **(behind if after else {}),
        )
        names = [unpack(item)["trip"] for item in answer["Items"]]
        keys = [pack({"fleet": fleet, "item": name}) for name in names]
        found = map(unpack, batch_get(self._dynamodb, self._table, keys, consistent=True))
        trips = {row["item"]: rows.trip_of(row) for row in found}
        return [trips[name] for name in names]

    def audit(self, fleet: str, trip: str) -> list[Line]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="fleet = :fleet AND begins_with(#item, :lines)",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues=pack({":fleet": fleet, ":lines": f"{trip}/"}),
            ConsistentRead=True,
        )
        return [rows.line_of(unpack(item)) for page in pages for item in page["Items"]]

    def claim(self, task: Task, made: Made, kept: Kept | None = None) -> bool:
        return transact(self._dynamodb, self._parts.claim(task, made, kept))

    def move(self, move: Move, kept: Kept | None = None) -> bool:
        return transact(self._dynamodb, self._parts.move(move, kept))

    def kept(self, fleet: str, user: str, key: str, now_s: float) -> Kept | None:
        row = self._row(fleet, rows.kept_key(user, key))
        return rows.kept_of(user, key, row) if row and row["ttl"] > now_s else None

    def keep(self, fleet: str, kept: Kept) -> bool:
        return transact(self._dynamodb, [self._parts.key(fleet, kept)])

    def _row(self, fleet: str, item: str) -> dict[str, Any]:
        key = pack({"fleet": fleet, "item": item})
        found = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return unpack(found.get("Item", {}))

    def _newest(
        self, index: str | None, name: str, value: str, fleet: str, prefix: str, after: str | None, limit: int
    ) -> Sequence[dict[str, Any]]:
        """Rows of one partition, newest first, behind `after`. index: None for the table itself."""
        where: dict[str, Any] = {"IndexName": index} if index else {"ConsistentRead": True}
        if after:
            where["ExclusiveStartKey"] = pack({"fleet": fleet, "item": after, name: value})
        found: list[dict[str, Any]] = []
        while True:  # an answer ends at 1 MB, however few rows that is
            answer = self._dynamodb.query(
                TableName=self._table,
                KeyConditionExpression="#name = :value AND begins_with(#item, :prefix)",
                ExpressionAttributeNames={"#name": name, "#item": "item"},
                ExpressionAttributeValues=pack({":value": value, ":prefix": prefix}),
                ScanIndexForward=False,
                Limit=limit - len(found),
                **where,
            )
            found += map(unpack, answer["Items"])
            if len(found) == limit or "LastEvaluatedKey" not in answer:
                return found
            where["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
