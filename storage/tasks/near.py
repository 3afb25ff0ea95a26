"""Open tasks by where they are: the near index, whose keys begin with a task's tile (geo/tiles.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from storage.damage import OnDamage, readable, refuse
from storage.items import pack
from storage.queries import full_page
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
    """damaged: what becomes of a row that cannot be read."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, damaged: OnDamage = refuse) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._damaged = damaged

    def in_tile(self, fleet: str, tile: str, most: int, after: str = "", *, last: bool = False) -> list[Row]:
        # BETWEEN holds both of its ends: behind `after` is what is longer than it by anything.
        begin = f"{after} " if after else tile or "0"
        values = {":open": rows.listed(fleet, "task", "open"), ":begin": begin, ":end": tile + _LAST}
        query = {
            "TableName": self._table,
            "IndexName": NEAR_INDEX,
            "KeyConditionExpression": "#listed = :open AND #near BETWEEN :begin AND :end",
            "ExpressionAttributeNames": {"#listed": "listed", "#near": "near"},
            "ExpressionAttributeValues": pack(values),
            "ScanIndexForward": not last,
        }
        found = full_page(self._dynamodb, query, most, lambda page: readable(page, _row, self._damaged))
        return found[::-1] if last else found


def _row(row: Mapping[str, Any]) -> Row:
    return Row(row["near"], rows.task_of(row))
