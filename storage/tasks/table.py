"""The tasks table in DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from storage.aws import batch_get
from storage.damage import OnDamage, Row, readable, refuse, sound
from storage.items import pack, transact, unpack
from storage.queries import below, every, full_page
from storage.tasks import rows
from storage.tasks.model import Courier, Kept, Line, Task, Trip
from storage.tasks.store import Desk, Made, Move
from storage.tasks.transactions import Transactions
from telemetry.life import State

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")
STATE_INDEX, COURIER_INDEX, WATCH_INDEX = "state-index", "courier-index", "watch-index"
_TASKS, _TRIPS = (rows.TASK, rows.task_of), (rows.TRIP, rows.trip_of)


class DynamoTasks:
    """damaged: what becomes of a row in a list that cannot be read."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, damaged: OnDamage = refuse) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._damaged = damaged
        self._parts = Transactions(table)

    def add(self, task: Task, kept: Kept | None = None) -> bool:
        return transact(self._dynamodb, self._parts.add(task, kept))

    def get(self, fleet: str, task: str) -> Task | None:
        row = self._row(fleet, task) if task.startswith(rows.TASK) else {}
        return sound(row, rows.task_of) if row else None

    def page(self, fleet: str, status: str | None, after: str | None, limit: int) -> list[Task]:
        if status is None:
            return self._newest(_TASKS, None, "fleet", fleet, fleet, after, limit)
        value = rows.listed(fleet, "task", status)
        return self._newest(_TASKS, STATE_INDEX, "listed", value, fleet, after, limit)

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
        return Desk(sound(job, rows.task_of) if job else None, rows.claim_of(claim), rows.courier_of(rider))

    def trip(self, fleet: str, trip: str) -> Trip | None:
        row = self._row(fleet, trip) if trip.startswith(rows.TRIP) and "/" not in trip else {}
        return sound(row, rows.trip_of) if row else None

    def courier(self, fleet: str, courier: str) -> Courier:
        return rows.courier_of(self._row(fleet, rows.courier_key(courier)))

    def trips_of(self, fleet: str, courier: str, after: str | None, limit: int) -> list[Trip]:
        value = rows.rider(fleet, courier)
        return self._newest(_TRIPS, COURIER_INDEX, "rider", value, fleet, after, limit)

    def trips_in(self, fleet: str, state: State, after: str | None, limit: int) -> list[Trip]:
        value = rows.listed(fleet, "trip", state)
        return self._newest(_TRIPS, STATE_INDEX, "listed", value, fleet, after, limit)

    def trips_on(self, fleet: str, task: str, after: str | None, limit: int) -> list[Trip]:
        query = below(self._table, fleet, rows.claim_key(task, ""))
        if after:
            query["ExclusiveStartKey"] = pack({"fleet": fleet, "item": rows.claim_key(task, after)})

        def read(claims: Iterable[Row]) -> Iterator[Trip]:
            keys = {name: {"fleet": fleet, "item": name} for name in self._readable(claims, rows.claimed)}
            wanted = [pack(key) for key in keys.values()]
            found = map(unpack, batch_get(self._dynamodb, self._table, wanted, consistent=True))
            # A trip that is not there is a row that cannot be read.
            return self._readable((keys | {row["item"]: row for row in found}).values(), rows.trip_of)

        return full_page(self._dynamodb, query, limit, read)

    def audit(self, fleet: str, trip: str) -> list[Line]:
        lines = every(self._dynamodb, below(self._table, fleet, f"{trip}/"))
        return list(self._readable(lines, rows.line_of))

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

    def _readable(self, found: Iterable[Row], read: Callable[[Row], T]) -> Iterator[T]:
        return readable(found, read, self._damaged)

    def _newest(
        self, kind: tuple[str, Callable[[Row], T]], index: str | None, name: str, value: str, fleet: str,
        after: str | None, limit: int,
    ) -> list[T]:  # fmt: skip
        """Of the rows of one partition, newest first, behind `after`. index: None for the table itself."""
        prefix, read = kind
        query: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "#name = :value AND begins_with(#item, :prefix)",
            "ExpressionAttributeNames": {"#name": name, "#item": "item"},
            "ExpressionAttributeValues": pack({":value": value, ":prefix": prefix}),
            "ScanIndexForward": False,
        }
        query |= {"IndexName": index} if index else {"ConsistentRead": True}
        if after:
            query["ExclusiveStartKey"] = pack({"fleet": fleet, "item": after, name: value})
        return full_page(self._dynamodb, query, limit, lambda found: self._readable(found, read))
