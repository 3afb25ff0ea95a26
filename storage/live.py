"""The live table: one item a courier, written whole under a condition on its version."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from geo.state import STATE_BYTES
from storage import statements
from storage.aws import backoff, batch_get
from storage.damage import Log
from telemetry import history
from telemetry.live import Live, Window
from telemetry.upload import courier_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FLEET_INDEX = "fleet-index"
_WINDOW_BYTES = 36  # two times of 13 digits, quotes, commas and brackets
_OTHER_BYTES = 52 + 1 + 24 + 17 + 29 + STATE_BYTES + 2
"""Attributes' names, a slash, three numbers, progress, newest ping and match, the windows' brackets."""
_DOUBTS_BYTES = 4 + 11 + 2 * 4
"""Two attributes' names and numbers, which few items have."""
_BATTERY_BYTES = 7 + 3
ATTRIBUTES = (
    "fleet", "version", "progress", "windows", "trip", "tail", "outside", "ttl", "mock", "implausible",
    "battery",
)  # fmt: skip
"""All that an item may have, beside its key."""


class Raced(Exception):
    """Somebody else wrote the item first; `current` is what stands there now."""

    def __init__(self, current: Live | None) -> None:
        super().__init__("the live item was changed by somebody else")
        self.current = current


class Unreadable(Exception):
    """A live item that this code cannot read: damaged, or of a version that it does not know. Whoever meets
    one leaves it as it is. courier: its key; reason: without a position.
    """

    def __init__(self, courier: str, reason: str) -> None:
        super().__init__(f"the live item of {courier} cannot be read: {reason}")
        self.courier, self.reason = courier, reason

    def tell(self, log: Log) -> None:
        log.error("a live item cannot be read", extra={"courier": self.courier, "reason": self.reason})


class Found(NamedTuple):
    """Live items by courier key, and those that cannot be read: one hides no other."""

    lives: dict[str, Live]
    unreadable: dict[str, Unreadable]

    def one(self, key: str) -> Live | None:
        """None where there is none. Raises Unreadable."""
        if key in self.unreadable:
            raise self.unreadable[key]
        return self.lives.get(key)

    def tell(self, log: Log) -> None:
        """One line for each that is left out."""
        for error in self.unreadable.values():
            error.tell(log)


class Write(NamedTuple):
    """A live item to be put where the stored version is `expected`."""

    live: Live
    expected: int | None


class LiveStore(Protocol):
    def get(self, key: str) -> Live | None:
        """Read consistently. Raises Unreadable."""

    def get_many(self, keys: Iterable[str], *, consistent: bool = True) -> Found:
        """Absent ones are left out.

        consistent: False costs half and may show what stood there a moment ago, or nothing yet: enough for
        who writes under the condition of the version that it read.
        """

    def put(self, live: Live, expected: int | None) -> None:
        """Write when the stored version is `expected` (None: when there is no item). Raises Raced, or
        Unreadable where what stands there instead cannot be read.
        """

    def put_many(self, writes: Sequence[Write]) -> list[Exception | None]:
        """`put` of many couriers, none twice; what became of each: None, Raced or another failure."""

    def fleet(self, fleet: str) -> Found:
        """Every live item of a fleet by key, read consistently one by one, not as one moment."""


def change_live(store: LiveStore, fresh: Live, change: Callable[[Live], Live]) -> Live:
    """Apply `change` to the courier's live item (to `fresh` where there is none) until no race is lost.

    Raises Raced after several lost races, and Unreadable.
    """
    current = store.get(courier_key(fresh.fleet, fresh.courier))
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
    """batched: whether `put_many` sends statements in batches, or puts item by item."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, *, batched: bool = True) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._batched = batched

    def get(self, key: str) -> Live | None:
        return self.get_many([key]).one(key)

    def get_many(self, keys: Iterable[str], *, consistent: bool = True) -> Found:
        wanted = [{"courier": {"S": key}} for key in keys]
        return read_items(batch_get(self._dynamodb, self._table, wanted, consistent=consistent))

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

    def put_many(self, writes: Sequence[Write]) -> list[Exception | None]:
        if not self._batched:
            return [self._tried(write) for write in writes]
        found: list[Exception | None] = []
        for at in range(0, len(writes), statements.MOST):
            found += self._put_batch(writes[at : at + statements.MOST])
        return found

    def _tried(self, write: Write) -> Exception | None:
        try:
            self.put(*write)
        except Exception as error:  # noqa: BLE001 - as the port says: what became of each
            return error
        return None

    def _put_batch(self, writes: Sequence[Write]) -> list[Exception | None]:
        try:
            puts = [statements.Conditional(to_item(live), expected) for live, expected in writes]
            outcomes = statements.put_all(self._dynamodb, self._table, "courier", ATTRIBUTES, puts)
        except BotoCoreError as error:
            return [error] * len(writes)
        except Exception:  # noqa: BLE001 - one that cannot be written may not take its neighbours along
            return [self._tried(write) for write in writes]
        return [
            self._raced(write.live, outcome) if isinstance(outcome, statements.Lost) else outcome
            for write, outcome in zip(writes, outcomes, strict=True)
        ]

    def _raced(self, live: Live, lost: statements.Lost) -> Exception:
        key = courier_key(live.fleet, live.courier)
        try:
            return Raced(from_item(lost.old) if lost.old else self.get(key))
        except Exception as error:  # noqa: BLE001 - it is this courier's alone
            return error

    def fleet(self, fleet: str) -> Found:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=FLEET_INDEX,
            KeyConditionExpression="fleet = :fleet",
            ExpressionAttributeValues={":fleet": {"S": fleet}},
        )
        found = self.get_many(item["courier"]["S"] for page in pages for item in page["Items"])
        return Found(dict(sorted(found.lives.items())), dict(sorted(found.unreadable.items())))


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
    if live.mock:
        item["mock"] = {"N": str(live.mock)}
    if live.implausible:
        item["implausible"] = {"N": str(live.implausible)}
    if live.battery is not None:
        item["battery"] = {"N": str(live.battery)}
    if live.expires_s is not None:
        item["ttl"] = {"N": str(live.expires_s)}
    return item


def read_items(items: Iterable[Any]) -> Found:
    """items: typed, of the table or of its stream."""
    found = Found({}, {})
    for item in items:
        key = item["courier"]["S"]
        try:
            found.lives[key] = from_item(item)
        except Unreadable as error:
            found.unreadable[key] = error
    return found


def from_item(item: Any) -> Live:
    """From a typed item, of the table or of its stream. Raises Unreadable."""
    try:
        return _from_item(item)
    except Exception as error:  # whatever it is that stands there
        # Its text, not its repr: that of a UnicodeDecodeError has all the bytes.
        raise Unreadable(item["courier"]["S"], f"{type(error).__name__}: {error}") from error


def _from_item(item: Any) -> Live:
    fleet, courier = item["courier"]["S"].split("/", 1)
    return Live(
        fleet=fleet,
        courier=courier,
        version=int(item["version"]["N"]),
        windows=tuple(map(_window, orjson.loads(item["windows"]["S"]))) if "windows" in item else (),
        trip=item["trip"]["S"] if "trip" in item else None,
        tail=history.unpack(item["tail"]["B"]) if "tail" in item else history.Sightings(),
        outside=int(item["outside"]["N"]) if "outside" in item else 0,
        expires_s=int(item["ttl"]["N"]) if "ttl" in item else None,
        mock=int(item["mock"]["N"]) if "mock" in item else 0,
        implausible=int(item["implausible"]["N"]) if "implausible" in item else 0,
        battery=int(item["battery"]["N"]) if "battery" in item else None,
        **Live.unpack_progress(item["progress"]["B"]),
    )


def _window(row: object) -> Window:
    """row: as JSON had it. Raises ValueError."""
    match row:
        case [str(trip), str(route), int(start_ms), (int() | None) as end_ms]:
            return Window(trip, route, start_ms, end_ms)
    raise ValueError("a window is damaged")


def most_bytes(live: Live) -> int:
    """What `item_bytes` is at most, without making the item."""
    names = len(live.fleet.encode()) * 2 + len(live.courier.encode()) + len((live.trip or "").encode())
    windows = sum(_WINDOW_BYTES + len((w.trip + w.route).encode()) for w in live.windows)
    doubts = _DOUBTS_BYTES if live.mock or live.implausible else 0
    battery = 0 if live.battery is None else _BATTERY_BYTES
    return _OTHER_BYTES + battery + doubts + names + windows + len(history.pack(live.tail))


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
