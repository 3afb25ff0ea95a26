"""Rows that this code cannot read: damaged, or of a version that it does not know.

Where many rows are read, one of them hides no other: whoever builds an adapter says what becomes of it
(`OnDamage`). It is told and left out; or, where what is left out would be missing from a sum, all is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from geo.said import say
from telemetry.problem import Problem

Row = Mapping[str, Any]
"""An item's plain values; its key is `fleet` with `item`, or in the routes table with `route`."""
T = TypeVar("T")


class Log(Protocol):
    def error(self, msg: str, /, *, extra: Mapping[str, object]) -> None: ...


class Damaged(Problem):
    """A row that cannot be read, and that whoever meets it leaves as it is. fleet, item: its key; reason: for
    the log alone.
    """

    def __init__(self, fleet: str, item: str, reason: str) -> None:
        super().__init__(
            say("row-unreadable", "What is kept of {item} cannot be read; tell who runs Milepost.", item=item)
        )
        self.fleet, self.item, self.reason = fleet, item, reason

    def __str__(self) -> str:
        return f"{self.item} of fleet {self.fleet} cannot be read: {self.reason}"

    def tell(self, log: Log) -> None:
        extra = {"fleet": self.fleet, "item": self.item, "reason": self.reason}
        log.error("a row cannot be read", extra=extra)


OnDamage = Callable[[Damaged], None]


def refuse(row: Damaged) -> None:
    raise row


def told(log: Log) -> OnDamage:
    """It is left out, and the log says so."""
    return lambda row: row.tell(log)


def sound(row: Row, read: Callable[[Row], T]) -> T:
    """What `read` makes of the row. Raises Damaged."""
    try:
        return read(row)
    except Exception as error:  # whatever it is that stands there
        item = str(row.get("item", row.get("route")))
        raise Damaged(str(row["fleet"]), item, f"{type(error).__name__}: {error}") from error


def readable(rows: Iterable[Row], read: Callable[[Row], T], damaged: OnDamage) -> Iterator[T]:
    for row in rows:
        try:
            found = sound(row, read)
        except Damaged as error:
            damaged(error)
        else:
            yield found
