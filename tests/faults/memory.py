"""The tracker over stores in memory, where every call of a worker may be its last, fail, or be overtaken.

The history's own adapter runs over a table in memory, so that its read, union and conditional write are calls
of their own; the other stores are the fakes of their ports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from unittest import mock

from botocore.exceptions import ClientError

from processors.settle.rest import Resting
from processors.settle.settle import Settler
from storage.history import DynamoHistory
from storage.objects import NotKept
from telemetry.live import Live
from telemetry.upload import Upload
from tests.fakes import FakeLive, FakeQuarantine, FakeRoutes, FakeWindows
from tests.fakes_stacks import FakeTrips
from tests.faults.cast import ROUTES
from tests.faults.check import Observed
from tests.faults.clean import QUIET, tracker
from tests.faults.observe import pings_of
from tests.kinesis import records

FATES = ("killed before", "killed after", "error before", "error after", "overtaken")


class Killed(BaseException):
    """The worker is gone: nothing that it wanted to do is done any more."""


class Kept(dict[str, Live]):
    """The live items, with every version that there was."""

    def __init__(self) -> None:
        super().__init__()
        self.versions: dict[str, list[Live | None]] = {}

    def __setitem__(self, key: str, live: Live) -> None:
        self.versions.setdefault(key, []).append(live)
        super().__setitem__(key, live)

    def expire(self) -> None:
        for key in [key for key, live in self.items() if live.expires_s is not None]:
            self.versions[key].append(None)
            del self[key]


class Table:
    """A DynamoDB table of chunks: conditional puts, which say what stands there, and queries."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, int], Any] = {}

    def get_paginator(self, _: str) -> _Pages:
        return _Pages(self.items)

    def put_item(self, *, Item: Any, **ask: Any) -> Any:  # noqa: N803 (AWS's names)
        at = Item["trip"]["S"], int(Item["bucket"]["N"])
        known = self.items.get(at)
        wanted = ask.get("ExpressionAttributeValues", {}).get(":revision")
        if "ConditionExpression" in ask and (known["revision"] if known else None) != wanted:
            raise _refused("ConditionalCheckFailedException", known)
        self.items[at] = Item
        return {}


class _Pages:
    """A query's one page."""

    def __init__(self, items: dict[tuple[str, int], Any]) -> None:
        self._items = items

    def paginate(self, *, ExpressionAttributeValues: Any, **_: Any) -> list[Any]:  # noqa: N803
        trip = ExpressionAttributeValues[":trip"]["S"]
        least = int(ExpressionAttributeValues[":bucket"]["N"])
        return [{"Items": [i for (t, b), i in sorted(self._items.items()) if t == trip and b >= least]}]


class Exposed:
    """A store whose calls go through `called`."""

    def __init__(self, store: Any, called: Callable[[str, Callable[[], Any]], Any]) -> None:
        self._store, self._called = store, called

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        where = f"{type(self._store).__name__}.{name}"

        def call(*args: Any, **named: Any) -> Any:
            return self._called(where, lambda: method(*args, **named))

        return call


class Memory:
    """fate: what the next call meets, one of FATES or None."""

    def __init__(self, now: float, fate: Callable[[str], str | None]) -> None:
        self.now, self._fate = now, fate
        self.live, self.windows, self.quarantine = FakeLive(), FakeWindows(), FakeQuarantine()
        self.trips = FakeTrips()
        self.live.items = self.kept = Kept()
        self.table = Table()
        self.met: list[str] = []
        self._others: list[Callable[[], None]] = []
        self._dead = False

    def deliver(self, uploads: Sequence[Upload], then: Callable[[], None] | None = None) -> bool:
        """One invocation; whether it answered that all is done. then: who may overtake it, once."""
        self._others = [then] if then else []
        self._dead = False
        try:
            with unhurried():
                return not self._tracker(self._met).track(records(uploads))
        except (Killed, ClientError, NotKept):  # the invocation failed
            return False

    def quietly(self, uploads: Sequence[Upload]) -> None:
        """An invocation to which nothing happens."""
        with unhurried():
            if self._tracker(lambda _, call: call()).track(records(uploads)):
                raise AssertionError("nothing failed, and it says that something did")

    def settle(self, *, quietly: bool = False) -> None:
        """Whatever is due is settled, if nothing befalls it."""
        called = (lambda _, call: call()) if quietly else self._met
        self._dead, self._others = False, []
        live, trips, table, quarantine = (
            Exposed(store, called) for store in (self.live, self.trips, self.table, self.quarantine)
        )
        history = DynamoHistory(table, "history")  # type: ignore[arg-type]
        resting = Resting(live, history, quarantine)
        settler = Settler(trips, live, history, FakeRoutes(**ROUTES), resting, lambda: self.now, QUIET)
        for trip in sorted(self.trips.due):
            with unhurried(), suppress(*(() if quietly else (Killed, ClientError, NotKept))):
                settler.settle(trip)

    def expire(self) -> None:
        """An hour later: what may expire is deleted."""
        self.now += 3600.0
        self.kept.expire()

    def observed(self) -> Observed:
        observed = Observed(versions=self.kept.versions, quarantined=set(self.quarantine.kept))
        for key, versions in self.kept.versions.items():
            for live in filter(None, versions):
                held = [s.identity for part in live.tail.parts for s in part.each()]
                observed.repeats[key] += len(held) - len(set(held))
        observed.standing = {trip: self.trips.standing(trip) for trip in self.trips.rows}
        observed.chunks = {at: pings_of(item["pings"]["B"]) for at, item in self.table.items.items()}
        return observed

    def _tracker(self, called: Callable[[str, Callable[[], Any]], Any]) -> Any:
        def exposed(store: Any) -> Any:
            return Exposed(store, called)

        history = DynamoHistory(exposed(self.table), "history")
        stores = (self.live, self.windows, self.trips, self.quarantine)
        live, windows, trips, quarantine = map(exposed, stores)
        return tracker(live, windows, history, trips, quarantine, self.now)

    def _met(self, where: str, call: Callable[[], Any]) -> Any:
        if self._dead:  # another thread of a worker that was killed
            raise Killed
        fate = self._fate(where)
        if fate:
            self.met.append(f"{fate} {where}")
        if fate == "overtaken" and self._others:
            self._others.pop()()
        if fate in ("killed before", "error before"):
            self._end(fate, where)
        answer = call()
        if fate in ("killed after", "error after"):
            self._end(fate, where)
        return answer

    def _end(self, fate: str, where: str) -> None:
        if fate.startswith("killed"):
            self._dead = True
            raise Killed
        if where.startswith("FakeQuarantine"):
            raise NotKept("injected")
        raise _refused("InternalServerError")


@contextmanager
def unhurried() -> Iterator[None]:
    """Nobody waits before another try."""
    with mock.patch("time.sleep"):
        yield


def _refused(code: str, stands: Any = None) -> ClientError:
    """stands: the item that the condition did not hold for."""
    said: Any = {"Error": {"Code": code, "Message": "injected"}} | ({"Item": stands} if stands else {})
    return ClientError(said, "call")
