"""The tasks table: tasks, and beside them what each courier rides now (so that one write decides both)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from botocore.exceptions import ClientError

from storage.items import condition_failed, pack, transaction_lost, unpack, whole

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STATUS_INDEX = "status-index"
Status = Literal["open", "claimed", "started", "finished"]
STATUSES: tuple[str, ...] = get_args(Status)
_TASK, _RIDE = "tk_", "ride/"  # what the sort keys of the two kinds of item begin with


@dataclass(frozen=True, slots=True)
class Bonus:
    """amount: a decimal number as text."""

    amount: str
    currency: str


@dataclass(frozen=True, slots=True)
class Task:
    """A job on a route. Times [ms, Unix]; those of what has not happened are None."""

    fleet: str
    task: str
    title: str
    route: str
    bonus: Bonus
    deadline_ms: int
    created_ms: int
    status: Status = "open"
    courier: str | None = None
    claimed_ms: int | None = None
    trip: str | None = None
    started_ms: int | None = None
    finished_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Ride:
    """What a courier rides now, and the task and end [ms; 0 when there was none] of the trip before."""

    trip: str | None = None
    task: str | None = None
    before: str | None = None
    ended_ms: int = 0


class TaskStore(Protocol):
    """Reads are consistent; the writes say False, and change nothing, when the state is not as given."""

    def add(self, task: Task) -> None: ...

    def get(self, fleet: str, task: str) -> Task | None: ...

    def page(self, fleet: str, status: str | None, after: str | None, limit: int) -> list[Task]:
        """Newest first, beginning behind the task `after`. May lag a moment behind the writes."""

    def ride(self, fleet: str, courier: str) -> Ride: ...

    def claim(self, fleet: str, task: str, courier: str, at_ms: int) -> bool:
        """Open, and its deadline ahead → claimed."""

    def start(self, task: Task, trip: str, at_ms: int, ride: Ride) -> bool:
        """Claimed by `task.courier`, who rides nothing and whose ride is `ride` → started."""

    def finish(self, task: Task, at_ms: int) -> bool:
        """Started, its trip being what the courier rides → finished."""


class DynamoTasks:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def add(self, task: Task) -> None:
        self._dynamodb.put_item(
            TableName=self._table, Item=_to_item(task), ConditionExpression="attribute_not_exists(fleet)"
        )

    def get(self, fleet: str, task: str) -> Task | None:
        row = self._row(fleet, task) if task.startswith(_TASK) else {}
        return _task(row) if row else None

    def page(self, fleet: str, status: str | None, after: str | None, limit: int) -> list[Task]:
        if status is None:
            index, value = "fleet", fleet
            where: dict[str, Any] = {"ConsistentRead": True}
        else:
            index, value = "fleet_status", f"{fleet}#{status}"
            where = {"IndexName": STATUS_INDEX}
        if after:
            where["ExclusiveStartKey"] = pack({"fleet": fleet, "task": after, index: value})
        found = self._dynamodb.query(
            TableName=self._table,
            KeyConditionExpression=f"{index} = :value AND begins_with(task, :task)",
            ExpressionAttributeValues=pack({":value": value, ":task": _TASK}),
            ScanIndexForward=False,
            Limit=limit,
            **where,
        )
        return [_task(unpack(item)) for item in found["Items"]]

    def ride(self, fleet: str, courier: str) -> Ride:
        row = self._row(fleet, _RIDE + courier)
        return Ride(row.get("trip"), row.get("of"), row.get("before"), int(row.get("ended_ms", 0)))

    def claim(self, fleet: str, task: str, courier: str, at_ms: int) -> bool:
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=pack({"fleet": fleet, "task": task}),
                UpdateExpression=(
                    "SET #status = :claimed, fleet_status = :listed, courier = :courier, claimed_ms = :at"
                ),
                ConditionExpression="#status = :open AND deadline_ms > :at",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues=pack(
                    {":open": "open", ":claimed": "claimed", ":listed": f"{fleet}#claimed"}
                    | {":courier": courier, ":at": at_ms}
                ),
            )
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    def start(self, task: Task, trip: str, at_ms: int, ride: Ride) -> bool:
        status = self._update(
            task.task,
            task.fleet,
            "SET #status = :started, fleet_status = :listed, trip = :trip, started_ms = :at",
            "#status = :claimed AND courier = :courier",
            {":claimed": "claimed", ":started": "started", ":listed": f"{task.fleet}#started"}
            | {":courier": task.courier, ":trip": trip, ":at": at_ms},
        )
        taken = self._update(
            f"{_RIDE}{task.courier}",
            task.fleet,
            "SET trip = :trip, #of = :task",
            "attribute_not_exists(trip) AND (attribute_not_exists(ended_ms) OR ended_ms = :ended)",
            {":trip": trip, ":task": task.task, ":ended": ride.ended_ms},
        )
        return self._transact(status, taken)

    def finish(self, task: Task, at_ms: int) -> bool:
        status = self._update(
            task.task,
            task.fleet,
            "SET #status = :finished, fleet_status = :listed, finished_ms = :at",
            "#status = :started AND trip = :trip",
            {":started": "started", ":finished": "finished", ":listed": f"{task.fleet}#finished"}
            | {":trip": task.trip, ":at": at_ms},
        )
        freed = self._update(
            f"{_RIDE}{task.courier}",
            task.fleet,
            "SET ended_ms = :at, #before = :task REMOVE trip, #of",
            "trip = :trip",
            {":trip": task.trip, ":task": task.task, ":at": at_ms},
        )
        return self._transact(status, freed)

    def _row(self, fleet: str, key: str) -> dict[str, Any]:
        found = self._dynamodb.get_item(
            TableName=self._table, Key=pack({"fleet": fleet, "task": key}), ConsistentRead=True
        )
        return unpack(found.get("Item", {}))

    def _update(self, key: str, fleet: str, change: str, condition: str, values: dict[str, Any]) -> Any:
        names = {name: name[1:] for name in ("#status", "#of", "#before") if name in change + condition}
        update = {"UpdateExpression": change, "ConditionExpression": condition}
        return update | {
            "TableName": self._table,
            "Key": pack({"fleet": fleet, "task": key}),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": pack(values),
        }

    def _transact(self, *updates: Any) -> bool:
        try:
            self._dynamodb.transact_write_items(TransactItems=[{"Update": update} for update in updates])
        except ClientError as error:
            if transaction_lost(error):
                return False
            raise
        return True


def _to_item(task: Task) -> dict[str, Any]:
    row = {name: getattr(task, name) for name in task.__slots__ if name != "bonus"}
    money = {"bonus_amount": task.bonus.amount, "bonus_currency": task.bonus.currency}
    return pack(row | money | {"fleet_status": f"{task.fleet}#{task.status}"})


def _task(row: dict[str, Any]) -> Task:
    return Task(
        fleet=row["fleet"],
        task=row["task"],
        title=row["title"],
        route=row["route"],
        bonus=Bonus(row["bonus_amount"], row["bonus_currency"]),
        deadline_ms=int(row["deadline_ms"]),
        created_ms=int(row["created_ms"]),
        status=row["status"],
        courier=row.get("courier"),
        claimed_ms=whole(row.get("claimed_ms")),
        trip=row.get("trip"),
        started_ms=whole(row.get("started_ms")),
        finished_ms=whole(row.get("finished_ms")),
    )
