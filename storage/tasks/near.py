"""Open tasks by where they are: the near index, whose keys begin with a task's tile (geo/tiles.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from storage.items import pack, unpack
from storage.tasks import rows
from storage.tasks.model import Task

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NEAR_INDEX = "near-index"
_LAST = "~"  # behind every digit, # and letter of a key


class Row(NamedTuple):
    """key: LEVELS digits of the task's tile, #, and its id."""

    key: str
    task: Task


class OpenTasks(Protocol):
    def in_tile(self, fleet: str, tile: str, most: int, after: str = "", *, last: bool = False) -> list[Row]:
        """Open tasks whose key begins with `tile`, in the order of keys, beginning behind the key `after`;
        `last`: the last ones of the tile, in the same order. May lag a moment behind the writes.
        """


class DynamoOpenTasks:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def in_tile(self, fleet: str, tile: str, most: int, after: str = "", *, last: bool = False) -> list[Row]:
        # BETWEEN holds both of its ends: behind `after` is what is longer than it by anything.
        begin = f"{after} " if after else tile or "0"
        values = {":open": rows.listed(fleet, "task", "open"), ":begin": begin, ":end": tile + _LAST}
        found: list[dict[str, Any]] = []
        where: dict[str, Any] = {}
        while len(found) < most:
            page = self._dynamodb.query(
                TableName=self._table,
                IndexName=NEAR_INDEX,
                KeyConditionExpression="#listed = :open AND #near BETWEEN :begin AND :end",
                ExpressionAttributeNames={"#listed": "listed", "#near": "near"},
                ExpressionAttributeValues=pack(values),
                ScanIndexForward=not last,
                Limit=most - len(found),
                **where,
            )
            found += [unpack(item) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            where = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        return [Row(row["near"], rows.task_of(row)) for row in (reversed(found) if last else found)]
