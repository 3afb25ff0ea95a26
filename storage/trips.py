"""The trips table: one courier's run of one task.

An ended trip's row counts its `marks`: the finish is the first, and each upload that brings pings later is
another. A mark makes the row `due`, and the table's stream passes that on to processors/due; settling takes
`due` away again, on the condition that nobody marked meanwhile (storage/settlements.py).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from storage.items import condition_failed, pack, unpack, whole
from telemetry.live import Window
from telemetry.upload import courier_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Trip:
    """started_ms, finished_ms, deadline_ms: Unix milliseconds; finished_ms is None while it runs, deadline_ms
    where the task has none.
    """

    trip: str
    fleet: str
    courier: str
    task: str
    route: str
    started_ms: int
    finished_ms: int | None = None
    deadline_ms: int | None = None

    @property
    def window(self) -> Window:
        return Window(self.trip, self.route, self.started_ms, self.finished_ms)

    @property
    def courier_key(self) -> str:
        """The courier's key in stream and tables."""
        return courier_key(self.fleet, self.courier)


class TripStore(Protocol):
    def get(self, trip: str) -> Trip | None: ...

    def start(self, trip: Trip) -> None:
        """Write the row where there is none; again changes nothing."""

    def finish(self, trip: Trip) -> None:
        """Set the row's end to `trip.finished_ms` and mark it, once; again changes nothing."""

    def mark_late(self, trip: str) -> bool:
        """Have an ended trip settled (again), since pings of it came; False, and nothing done, while it runs.

        To be called after every chunk and live item that holds pings of the trip is written, and before
        the upload is acknowledged: whenever the trip's window has an end, also where all its pings were
        known already, as their first delivery may have crashed before it got here. Once an upload and trip
        is enough, and again does no harm: an unchanged set of pings settles to nothing.
        """


class DynamoTrips:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def get(self, trip: str) -> Trip | None:
        found = self._dynamodb.get_item(TableName=self._table, Key=pack({"trip": trip}), ConsistentRead=True)
        return trip_of(unpack(found["Item"])) if "Item" in found else None

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
        first = self._change(
            trip.trip,
            "SET finished_ms = :end, marks = :one, due = :one",
            "attribute_exists(trip) AND attribute_not_exists(finished_ms)",
            {":end": trip.finished_ms, ":one": 1},
        )
        if not first and self.get(trip.trip) is None:
            raise LookupError(f"trip {trip.trip} has no row to be finished")

    def mark_late(self, trip: str) -> bool:
        # Always counted, never only flagged: a settling that has read the pings before this must notice.
        return self._change(
            trip, "SET marks = marks + :one, due = :one", "attribute_exists(finished_ms)", {":one": 1}
        )

    def _change(self, trip: str, change: str, condition: str, values: dict[str, Any]) -> bool:
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=pack({"trip": trip}),
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeValues=pack(values),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True


def trip_of(row: dict[str, Any]) -> Trip:
    """From a row's plain values; what else the row holds is left alone."""
    numbers = {name: whole(row.get(name)) for name in ("started_ms", "finished_ms", "deadline_ms")}
    told: dict[str, Any] = {field.name: row.get(field.name) for field in fields(Trip)} | numbers
    return Trip(**told)
