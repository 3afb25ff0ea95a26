"""What a settled trip pays, as it is kept on the trip: the calculation, and all that it was made from.

A trip's `reckoning` is what it is approved and paid by. What came of a newer record after the approval
stands beside it as `newer`, until the approval is taken back.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from stacks.tasks.bonus import calculate
from stacks.tasks.bonus.facts import Facts, facts_of
from storage.damage import Damaged
from storage.settlements import Settled
from storage.tasks import Trip

METHOD = 1
"""Of calculating: a new number where the same terms and facts may give another amount."""
RECKONING, NEWER = "reckoning", "newer"


class Line(msgspec.Struct, frozen=True):
    """As stacks/tasks/bonus/rule.py has it."""

    rule: str
    amount: Decimal
    text: str
    given: dict[str, Any]


class Reckoning(msgspec.Struct, frozen=True):
    """revision: of the settled record that it was made from; facts: what was taken of that record. The terms
    are the trip's bonus, which never changes.
    """

    revision: int
    made_ms: int
    facts: Facts
    lines: tuple[Line, ...]
    total: Decimal
    currency: str
    method: int = METHOD


def reckon(trip: Trip, settled: Settled, now_ms: int) -> Reckoning:
    """Of a trip that has ended. Raises ValueError or KeyError for a record that lacks what is needed."""
    if trip.ended_ms is None:
        raise ValueError(f"trip {trip.trip} has not ended")
    facts = facts_of(trip.ended_ms, trip.deadline_ms, settled.record, settled.digest)
    return _made(trip, facts, settled.revision, now_ms)


def reproduced(trip: Trip, kept: Reckoning) -> bool:
    """Whether the same comes of what is kept, line by line and to the last decimal."""
    if kept.method != METHOD:
        return False
    return to_kept(_made(trip, kept.facts, kept.revision, kept.made_ms)) == to_kept(kept)


def kept_on(trip: Trip, name: str = RECKONING) -> Reckoning | None:
    """Raises Damaged."""
    try:
        return msgspec.convert(kept, Reckoning) if (kept := trip.more.get(name)) else None
    except msgspec.ValidationError as error:
        raise Damaged(trip.fleet, trip.trip, f"its {name}: {error}") from error


def owed(trip: Trip) -> Reckoning:
    """What a trip that was approved is paid by. Raises Damaged: it is never left out of a sum."""
    kept = kept_on(trip)
    if kept is None:
        raise Damaged(trip.fleet, trip.trip, "it was approved without a reckoning")
    return kept


def newest(trip: Trip) -> int:
    """The newest revision that the trip knows; 0 for none."""
    known = (kept_on(trip, name) for name in (RECKONING, NEWER))
    return max((it.revision for it in known if it), default=0)


def to_kept(it: Reckoning) -> dict[str, Any]:
    """As a trip keeps it: JSON values, amounts as text."""
    kept: dict[str, Any] = msgspec.to_builtins(it)
    return kept


def _made(trip: Trip, facts: Facts, revision: int, now_ms: int) -> Reckoning:
    found = calculate(trip.bonus, facts)
    lines = tuple(Line(*line) for line in found.lines)
    return Reckoning(revision, now_ms, facts, lines, found.total, trip.bonus.currency)
