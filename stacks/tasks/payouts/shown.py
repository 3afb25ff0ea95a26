"""Calculations and payouts as the API shows them. Amounts are decimal text, times Unix seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from stacks.tasks.payouts.approval import REJECTED
from stacks.tasks.payouts.batch import PAYOUT
from stacks.tasks.reckoning import NEWER, RECKONING, Reckoning, kept_on, owed, reproduced
from stacks.tasks.shown import bonus as terms
from stacks.tasks.shown import calculation, seconds
from storage.payouts import Head, Payout
from storage.tasks import Trip


def bonus(trip: Trip) -> dict[str, Any]:
    rejected = trip.more.get(REJECTED)
    return {
        "trip": trip.trip,
        "courier": trip.courier,
        "state": trip.state,
        "terms": terms(trip.bonus),
        "calculation": _calculation(trip, kept_on(trip, RECKONING)),
        "newer": _calculation(trip, kept_on(trip, NEWER)),
        "rejected": {"by": rejected["by"], "at": rejected["at_ms"] / 1000, "note": rejected["note"]}
        if rejected
        else None,
        "payout": trip.more.get(PAYOUT),
    }


def _calculation(trip: Trip, it: Reckoning | None) -> dict[str, Any] | None:
    if it is None:
        return None
    facts = it.facts
    return {
        "revision": it.revision,
        "made_at": it.made_ms / 1000,
        "method": it.method,
        "facts": {
            "finished_at": facts.finished_ms / 1000,
            "deadline": seconds(facts.deadline_ms),
            "covered_percent": f"{Decimal(facts.covered_bp) / 100:.2f}",
            "off_route_m": facts.off_route_m,
            "record": facts.record,
            "arrived_at": seconds(facts.arrived_ms),
            "not_before": seconds(facts.not_before_ms),
            "left_m": facts.left_m,
        },
        **calculation(it),
        "currency": it.currency,
        "reproduced": reproduced(trip, it),
    }


def unpaid(trips: Iterable[Trip]) -> list[dict[str, Any]]:
    """What each courier is to get in each currency. changed: of how many trips a newer record came after the
    approval. Raises Damaged.
    """
    found = [(trip, owed(trip)) for trip in trips]
    changed = Counter((trip.courier, kept.currency) for trip, kept in found if NEWER in trip.more)
    sums = _sums((trip.courier, kept.currency, kept.total) for trip, kept in found)
    return [row | {"changed": changed[row["courier"], row["currency"]]} for row in sums]


def payout(it: Payout) -> dict[str, Any]:
    lines = [
        {
            "trip": line.trip,
            "task": line.task,
            "title": line.title,
            "courier": line.courier,
            "amount": line.amount,
            "currency": line.currency,
            "finished_at": line.finished_ms / 1000,
            "revision": line.revision,
        }
        for line in it.lines or ()
    ]
    sums = _sums((line.courier, line.currency, Decimal(line.amount)) for line in it.lines or ())
    return head(it.head) | {"sums": sums, "lines": lines}


def head(it: Head) -> dict[str, Any]:
    told = {"payout": it.payout, "made_at": it.made_ms / 1000, "by": it.by}
    return told | {"complete": it.complete, "trips": it.trips}


def _sums(amounts: Iterable[tuple[str, str, Decimal]]) -> list[dict[str, Any]]:
    """amounts: courier, currency, amount."""
    found: dict[tuple[str, str], list[Decimal]] = {}
    for courier, currency, amount in amounts:
        found.setdefault((courier, currency), []).append(amount)
    return [
        {
            "courier": courier,
            "currency": currency,
            "amount": str(sum(theirs, Decimal(0))),
            "trips": len(theirs),
        }
        for (courier, currency), theirs in sorted(found.items())
    ]


def stamp(ms: int) -> str:
    """ISO 8601 in UTC, to the second."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
