"""Payouts in the tasks table: which approved trips are paid together. Once complete, a payout never changes.

A fleet has one payout in the making at most, so that a crash leaves one thing to go on with, and so that two
who ask at once make the same one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec
import orjson

from storage.damage import readable, refuse, sound
from storage.items import pack, transact, unpack
from storage.queries import below, full_page
from storage.tasks import Kept
from storage.tasks.transactions import Transactions

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PAYOUT = "po_"
_MAKING = "payout/making"


class Planned(NamedTuple):
    """An approved trip as it was when the payout began. rev: the trip's."""

    trip: str
    rev: int


class Head(NamedTuple):
    """What lists show. trips: how many it pays, and while it is not complete, how many are planned."""

    payout: str
    made_ms: int
    by: str
    complete: bool
    trips: int


@dataclass(frozen=True, slots=True)
class Paid:
    """One trip of a payout. amount: decimal text; revision: of the record that it was reckoned by."""

    trip: str
    task: str
    title: str
    courier: str
    amount: str
    currency: str
    finished_ms: int
    revision: int


@dataclass(frozen=True, slots=True)
class Payout:
    """lines: what it pays; None while it is in the making. Of the planned trips, those that were taken back
    meanwhile are not paid.
    """

    fleet: str
    payout: str
    made_ms: int
    by: str
    planned: tuple[Planned, ...]
    lines: tuple[Paid, ...] | None = None

    @property
    def head(self) -> Head:
        whole = self.lines is not None
        return Head(
            self.payout, self.made_ms, self.by, whole, len(self.planned if self.lines is None else self.lines)
        )


class PayoutStore(Protocol):
    """Every write is one transaction; it says False, and changes nothing, where somebody else was quicker."""

    def begin(self, payout: Payout, kept: Kept | None = None) -> bool:
        """False, too, where one is in the making or `kept`'s key is known."""

    def making(self, fleet: str) -> str | None:
        """The payout that is in the making."""

    def get(self, fleet: str, payout: str) -> Payout | None: ...

    def complete(self, payout: Payout) -> bool:
        """Write its lines, once, and let the next one begin."""

    def page(self, fleet: str, after: str | None, limit: int) -> list[Head]:
        """Newest first, beginning behind the payout `after`."""


class DynamoPayouts:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb, self._table = dynamodb, table
        self._parts = Transactions(table)

    def begin(self, payout: Payout, kept: Kept | None = None) -> bool:
        new: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(#item)"}
        new |= {"ExpressionAttributeNames": {"#item": "item"}}
        making = {"fleet": payout.fleet, "item": _MAKING, "kind": "making", "payout": payout.payout}
        rows = (_head_row(payout), _content_row(payout), making)
        parts: list[Any] = [{"Put": {"TableName": self._table, "Item": pack(row), **new}} for row in rows]
        return transact(self._dynamodb, parts + ([self._parts.key(payout.fleet, kept)] if kept else []))

    def making(self, fleet: str) -> str | None:
        return self._read(fleet, _MAKING).get("payout")

    def get(self, fleet: str, payout: str) -> Payout | None:
        row = self._read(fleet, _content(payout)) if payout.startswith(PAYOUT) else {}
        return sound(row, _of) if row else None

    def complete(self, payout: Payout) -> bool:
        lines = {
            "Key": pack({"fleet": payout.fleet, "item": _content(payout.payout)}),
            "UpdateExpression": "SET #lines = :lines",
            "ConditionExpression": "attribute_exists(#item) AND attribute_not_exists(#lines)",
            "ExpressionAttributeNames": {"#lines": "lines", "#item": "item"},
            "ExpressionAttributeValues": pack({":lines": _content_row(payout)["lines"]}),
        }
        head = {"Item": pack(_head_row(payout)), "ConditionExpression": "attribute_exists(#item)"}
        head["ExpressionAttributeNames"] = {"#item": "item"}
        over = {
            "Key": pack({"fleet": payout.fleet, "item": _MAKING}),
            "ConditionExpression": "#payout = :payout",
            "ExpressionAttributeNames": {"#payout": "payout"},
            "ExpressionAttributeValues": pack({":payout": payout.payout}),
        }
        where = {"TableName": self._table}
        return transact(
            self._dynamodb, [{"Update": lines | where}, {"Put": head | where}, {"Delete": over | where}]
        )

    def page(self, fleet: str, after: str | None, limit: int) -> list[Head]:
        query = below(self._table, fleet, PAYOUT) | {"ScanIndexForward": False}
        if after:
            query["ExclusiveStartKey"] = pack({"fleet": fleet, "item": after})
        # None is left out: who adds them up would miss it.
        return full_page(self._dynamodb, query, limit, lambda found: readable(found, _head_of, refuse))

    def _read(self, fleet: str, item: str) -> dict[str, Any]:
        key = pack({"fleet": fleet, "item": item})
        found = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return unpack(found.get("Item", {}))


def _content(payout: str) -> str:
    # Apart from what lists read: a payout of many trips has 100 KB.
    return f"payout/{payout}"


def _head_row(payout: Payout) -> dict[str, Any]:
    head = payout.head
    row = {
        "fleet": payout.fleet,
        "item": payout.payout,
        "kind": "payout",
        "made_ms": head.made_ms,
        "by": head.by,
    }
    return row | {"trips": head.trips, "complete": 1 if head.complete else None}


def _head_of(row: Mapping[str, Any]) -> Head:
    return Head(row["item"], int(row["made_ms"]), row["by"], "complete" in row, int(row["trips"]))


def _content_row(payout: Payout) -> dict[str, Any]:
    row: dict[str, Any] = {"fleet": payout.fleet, "item": _content(payout.payout), "kind": "content"}
    row |= {"payout": payout.payout, "made_ms": payout.made_ms, "by": payout.by}
    row["planned"] = orjson.dumps([list(it) for it in payout.planned]).decode()
    if payout.lines is not None:
        row["lines"] = orjson.dumps([asdict(line) for line in payout.lines]).decode()
    return row


def _of(row: Mapping[str, Any]) -> Payout:
    planned = msgspec.json.decode(row["planned"], type=tuple[Planned, ...])
    lines = msgspec.json.decode(row["lines"], type=tuple[Paid, ...]) if "lines" in row else None
    return Payout(row["fleet"], row["payout"], int(row["made_ms"]), row["by"], planned, lines)
