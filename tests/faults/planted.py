"""Defects to be caught: each takes away one of the things that exactly-once rests on.

They are put in from here, in a worker (`hooks/sitecustomize`) or in a test; the product knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

Patch = tuple[Any, str, Any]


def dedupe_off() -> list[Patch]:
    """Whatever comes is new."""
    from processors.track import fold  # noqa: PLC0415 (a worker of another function does not have it)
    from telemetry import history  # noqa: PLC0415
    from telemetry.pings import Pings  # noqa: PLC0415

    def join(known: Any, new: Any) -> Any:
        both = sorted([*known.devices.get(new.device, ()), *new.pings])
        devices = known.devices | {new.device: Pings.of(both)}
        return history.Joined(history.Sightings(devices), new.pings, [], changed=True)

    return [(history, "join", join), (fold, "join", join)]


def version_condition_dropped() -> list[Patch]:
    """The live item is written whatever stands there."""
    from storage.live import DynamoLive  # noqa: PLC0415

    return [(DynamoLive, "__init__", _unconditional(DynamoLive.__init__))]


def chunk_put_unconditional() -> list[Patch]:
    from storage.history import DynamoHistory  # noqa: PLC0415

    return [(DynamoHistory, "__init__", _unconditional(DynamoHistory.__init__))]


def chunks_keyed_by_first_ping() -> list[Patch]:
    from storage.history import DynamoHistory  # noqa: PLC0415

    united = DynamoHistory.unite

    def unite(self: Any, trip: str, bucket: int, new: Any, keep: Any) -> None:
        united(self, trip, min(part.pings.first_ms for part in new) // 1000, new, keep)

    return [(DynamoHistory, "unite", unite)]


def settle_mark_skipped() -> list[Patch]:
    """Late pings of an ended trip are stored, and nobody is told."""
    from storage.trips import DynamoTrips  # noqa: PLC0415

    return [(DynamoTrips, "mark_late", lambda _self, _trip: False)]


def acknowledged_early() -> list[Patch]:
    """The answer goes out, and what is left to do is done when the worker is asked for the next time."""
    from ingest.receive.receive import Receiver  # noqa: PLC0415

    take, left = Receiver.take, []

    def early(self: Any, sender: Any, reading: Any) -> None:
        while left:
            with suppress(Exception):
                take(self, *left.pop())
        left.append((sender, reading))

    return [(Receiver, "take", early)]


DEFECTS: dict[str, Callable[[], list[Patch]]] = {
    made.__name__: made
    for made in (
        dedupe_off,
        version_condition_dropped,
        chunk_put_unconditional,
        chunks_keyed_by_first_ping,
        settle_mark_skipped,
        acknowledged_early,
    )
}


def plant(name: str) -> None:
    """For the rest of this process, where the parts are there."""
    with suppress(ImportError):
        for owner, attribute, value in DEFECTS[name]():
            setattr(owner, attribute, value)


@contextmanager
def planted(name: str, further: Sequence[Patch] = ()) -> Iterator[None]:
    """In this process, until the block ends."""
    patches = [*(DEFECTS[name]() if name else []), *further]
    before = [(owner, attribute, getattr(owner, attribute)) for owner, attribute, _ in patches]
    for owner, attribute, value in patches:
        setattr(owner, attribute, value)
    try:
        yield
    finally:
        for owner, attribute, value in before:
            setattr(owner, attribute, value)


def _unconditional(init: Any) -> Any:
    def wrapped(self: Any, dynamodb: Any, *rest: Any, **named: Any) -> None:
        init(self, _Unconditional(dynamodb), *rest, **named)

    return wrapped


class _Unconditional:
    """A client whose writes have no conditions."""

    def __init__(self, dynamodb: Any) -> None:
        self._dynamodb = dynamodb

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dynamodb, name)

    def put_item(self, **ask: Any) -> Any:
        dropped = ("ConditionExpression", "ExpressionAttributeValues", "ReturnValuesOnConditionCheckFailure")
        return self._dynamodb.put_item(**{n: v for n, v in ask.items() if n not in dropped})

    def batch_execute_statement(self, *, Statements: Any) -> Any:  # noqa: N803 (AWS's name)
        condition = ' AND "version" = ?'
        return self._dynamodb.batch_execute_statement(
            Statements=[
                {
                    "Statement": one["Statement"].removesuffix(condition),
                    "Parameters": one["Parameters"][: -1 if condition in one["Statement"] else None],
                }
                for one in Statements
            ]
        )
