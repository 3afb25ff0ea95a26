"""The live table: one item a courier, written whole under a condition on its version."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from botocore.exceptions import ClientError

from storage.aws import backoff, batch_get
from telemetry import history
from telemetry.live import Live, Window
from telemetry.upload import courier_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FLEET_INDEX = "fleet-index"


class Raced(Exception):
    """Somebody else wrote the item first; `current` is what stands there now."""

    def __init__(self, current: Live | None) -> None:
        super().__init__("the live item was changed by somebody else")
        self.current = current


class LiveStore(Protocol):
    def get_many(self, keys: Iterable[str]) -> dict[str, Live]:
        """Live items by courier key, read consistently; absent ones left out."""

    def put(self, live: Live, expected: int | None) -> None:
        """Write when the stored version is `expected` (None: when there is no item). Raises Raced."""

    def fleet(self, fleet: str) -> list[Live]:
        """Every live item of a fleet, read consistently one by one, not as one moment."""


def change_live(store: LiveStore, fresh: Live, change: Callable[[Live], Live]) -> Live:
    """Apply `change` to the courier's live item (to `fresh` where there is none) until no race is lost.

    Raises Raced after several lost races.
    """
    key = courier_key(fresh.fleet, fresh.courier)
    current = store.get_many([key]).get(key)
    lost: Raced | None = None
    for _ in backoff():
        base = current or fresh
        changed = replace(change(base), version=base.version + 1)
        try:
            store.put(changed, current.version if current else None)
        except Raced as race:
            lost, current = race, race.current
        else:
            return changed
    assert lost is not None  # noqa: S101 - the loop ran at least once
    raise lost


class DynamoLive:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def get_many(self, keys: Iterable[str]) -> dict[str, Live]:
        wanted = [{"courier": {"S": key}} for key in keys]
        items = batch_get(self._dynamodb, self._table, wanted, consistent=True)
        return {item["courier"]["S"]: from_item(item) for item in items}

    def put(self, live: Live, expected: int | None) -> None:
        condition: Any = (
            {"ConditionExpression": "attribute_not_exists(courier)"}
            if expected is None
            else {
                "ConditionExpression": "version = :expected",
                "ExpressionAttributeValues": {":expected": {"N": str(expected)}},
            }
        )
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item=to_item(live),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **condition,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            old: Any = error.response.get("Item")
            raise Raced(from_item(old) if old else None) from error

    def fleet(self, fleet: str) -> list[Live]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=FLEET_INDEX,
            KeyConditionExpression="fleet = :fleet",
            ExpressionAttributeValues={":fleet": {"S": fleet}},
        )
        keys = [item["courier"]["S"] for page in pages for item in page["Items"]]
        found = self.get_many(keys)
        return [found[key] for key in sorted(found)]


def to_item(live: Live) -> dict[str, Any]:
    item: dict[str, Any] = {
        "courier": {"S": courier_key(live.fleet, live.courier)},
        "fleet": {"S": live.fleet},
        "version": {"N": str(live.version)},
        "progress": {"B": live.pack_progress()},
    }
    if live.windows:
        rows = [[w.trip, w.route, w.start_ms, w.end_ms] for w in live.windows]
        item["windows"] = {"S": orjson.dumps(rows).decode()}
    if live.trip:
        item["trip"] = {"S": live.trip}
    if live.tail:
        item["tail"] = {"B": history.pack(live.tail)}
    if live.outside:
        item["outside"] = {"N": str(live.outside)}
    if live.expires_s is not None:
        item["ttl"] = {"N": str(live.expires_s)}
    return item


def from_item(item: Any) -> Live:
    """From a typed item, of the table or of its stream."""
    fleet, courier = item["courier"]["S"].split("/", 1)
    return Live(
        fleet=fleet,
        courier=courier,
        version=int(item["version"]["N"]),
        windows=tuple(Window(*row) for row in orjson.loads(item["windows"]["S"]))
        if "windows" in item
        else (),
        trip=item["trip"]["S"] if "trip" in item else None,
        tail=history.unpack(item["tail"]["B"]) if "tail" in item else {},
        outside=int(item["outside"]["N"]) if "outside" in item else 0,
        expires_s=int(item["ttl"]["N"]) if "ttl" in item else None,
        **Live.unpack_progress(item["progress"]["B"]),
    )


def item_bytes(live: Live) -> int:
    """Size as DynamoDB bills it: names and values in UTF-8, numbers about half a byte a digit.

    Source: Amazon DynamoDB, "DynamoDB item sizes and formats".
    """
    size = 0
    for name, typed in to_item(live).items():
        ((kind, value),) = typed.items()
        size += len(name) + (
            len(value) // 2 + 2 if kind == "N" else len(value.encode() if kind == "S" else value)
        )
    return size
