"""One DynamoDB table in memory: items by key, its indexes' writes, its stream, and units on the meter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cli.cost.cloud.expressions import Test, plain
from cli.cost.cloud.meter import Meter
from cli.cost.cloud.sizes import STORED_OVERHEAD, Item, item_bytes, read_units, write_units

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index. `projected`: the attributes in it, None for all of them."""

    name: str
    keys: tuple[str, ...]
    projected: frozenset[str] | None

    def view(self, item: Item | None) -> dict[str, Any] | None:
        """The index's copy of an item; None for one that the index does not hold."""
        if item is None or any(key not in item for key in self.keys):
            return None
        return {n: v for n, v in item.items() if self.projected is None or n in self.projected}


class ConditionFailed(Exception):
    """`old`: the item that stands there."""

    def __init__(self, old: Item | None) -> None:
        super().__init__("The conditional request failed")
        self.old = old


@dataclass
class Table:
    name: str
    keys: tuple[str, ...]
    indexes: tuple[Index, ...]
    streamed: bool
    meter: Meter
    items: dict[Key, Item] = field(default_factory=dict)
    stream: list[dict[str, Any]] = field(default_factory=list)
    """Records since they were last taken, as Lambda gets them."""

    def key(self, item: Item) -> Key:
        return tuple(str(plain(item[name])) for name in self.keys)

    def write(
        self,
        key: Key,
        change: Callable[[Item | None], Item | None],
        test: Test | None = None,
        *,
        transaction: bool = False,
    ) -> tuple[Item | None, Item | None]:
        """The item before and after `change`. Billed by the larger of them; one whose condition fails by
        what stands there. Raises ConditionFailed.
        """
        old = self.items.get(key)
        before = item_bytes(old) if old else 0
        if test and not test(old or {}):
            self._count(write_units(before, transaction=transaction), failed=True)
            raise ConditionFailed(old)
        new = change(old)
        after = item_bytes(new) if new else 0
        self._count(write_units(max(before, after), transaction=transaction))
        stored = [size + STORED_OVERHEAD if size else 0 for size in (before, after)]
        self.meter.add(f"dynamodb.stored_bytes.{self.name}", stored[1] - stored[0])
        for index in self.indexes:
            self._index(index.view(old), index.view(new), index)
        if new is None:
            self.items.pop(key, None)
        else:
            self.items[key] = new
            self.meter.sizes[self.name].append(after)
        if self.streamed and new != old:
            self.stream.append(self._record(old, new))
        return old, new

    def read(self, keys: Iterable[Key], *, consistent: bool, transaction: bool = False) -> list[Item]:
        """Each item by itself, as GetItem and BatchGetItem are billed."""
        found = []
        for key in keys:
            item = self.items.get(key)
            size = item_bytes(item) if item else 0
            self._read(read_units(size, consistent=consistent, transaction=transaction))
            if item:
                found.append(item)
        return found

    def query(
        self, test: Test, index: str | None, *, consistent: bool, backwards: bool, limit: int | None
    ) -> list[Item]:
        """In the order of the sort key; billed by what was read together."""
        chosen = next((i for i in self.indexes if i.name == index), None)
        views = (chosen.view(item) if chosen else item for item in self.items.values())
        keys = chosen.keys if chosen else self.keys
        found = sorted(
            (item for item in views if item and test(item)),
            key=lambda item: plain(item[keys[-1]]),
            reverse=backwards,
        )[:limit]
        self._read(read_units(sum(map(item_bytes, found)), consistent=consistent))
        return found

    def take_stream(self, count: int) -> list[dict[str, Any]]:
        taken, self.stream[:count] = self.stream[:count], []
        return taken

    def _count(self, units: int, *, failed: bool = False) -> None:
        self.meter.add(f"dynamodb.write_units.{self.name}", units)
        self.meter.add(f"dynamodb.{'failed_conditions' if failed else 'writes'}.{self.name}")

    def _read(self, units: float) -> None:
        self.meter.add(f"dynamodb.read_units.{self.name}", units)
        self.meter.add(f"dynamodb.reads.{self.name}")

    def _index(self, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, index: Index) -> None:
        """A changed index key is a removal and a put; an unchanged copy costs nothing."""
        if old == new:
            return
        moved = old and new and any(old[key] != new[key] for key in index.keys)
        sizes = [item_bytes(view) for view in (old, new) if view]
        units = sum(map(write_units, sizes)) if moved else write_units(max(sizes))
        self.meter.add(f"dynamodb.write_units.{self.name}", units)
        self.meter.add(f"dynamodb.index_writes.{self.name}")

    def _record(self, old: Item | None, new: Item | None) -> dict[str, Any]:
        item: Item = new or old or {}
        change: dict[str, Any] = {"Keys": {name: item[name] for name in self.keys}}
        if new:
            change["NewImage"] = new
        event = "REMOVE" if new is None else "MODIFY" if old else "INSERT"
        return {"eventSource": "aws:dynamodb", "eventName": event, "dynamodb": change}
