"""Queries whose answers come in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from storage.damage import Row
from storage.items import pack, unpack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")
MORE = 50
"""Rows that are read at once where a page is not full yet: not each of a run that cannot be read alone."""


def below(table: str, fleet: str, prefix: str) -> dict[str, Any]:
    """For a fleet's items of the tasks table whose keys begin with `prefix`, in their order."""
    return {
        "TableName": table,
        "KeyConditionExpression": "fleet = :fleet AND begins_with(#item, :prefix)",
        "ExpressionAttributeNames": {"#item": "item"},
        "ExpressionAttributeValues": pack({":fleet": fleet, ":prefix": prefix}),
        "ConsistentRead": True,
    }


def every(dynamodb: DynamoDBClient, query: Any) -> Iterator[Row]:
    for answer in dynamodb.get_paginator("query").paginate(**query):
        yield from map(unpack, answer["Items"])


def full_page(
    dynamodb: DynamoDBClient, query: Any, limit: int, read: Callable[[Iterable[Row]], Iterable[T]]
) -> list[T]:
    """`limit` things that `read` makes of a query's rows: fewer only where there are no more, whatever it
    leaves out and although an answer ends at 1 MB, so that a short page is the last one.
    """
    found: list[T] = []
    where: dict[str, Any] = {}
    while True:
        answer = dynamodb.query(**query | where, Limit=max(limit - len(found), MORE) if where else limit)
        found += read(map(unpack, answer["Items"]))
        if len(found) >= limit or "LastEvaluatedKey" not in answer:
            return found[:limit]
        where = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
