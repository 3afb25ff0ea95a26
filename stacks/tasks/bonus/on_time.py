"""A reward for a finish by the deadline.

The time that counts is the one that the courier states, since a phone may be off at the end: unless the ride
says that the courier was elsewhere then (docs/decisions/0034).
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from stacks.tasks.bonus.facts import Facts
from stacks.tasks.bonus.rule import Line, Rule, Sum, read

NAME = "on_time"


class Terms(msgspec.Struct, forbid_unknown_fields=True):
    """{"reward": "2.00"}"""

    reward: str


def check(said: Any, currency: str) -> dict[str, Any]:
    return read(said, Terms, NAME, currency, "reward")


def line(terms: dict[str, Any], facts: Facts, before: Sum) -> Line | None:
    """given: times in whole Unix seconds; `counts`: whose word the line goes by."""
    if facts.deadline_ms is None or facts.finished_ms > facts.deadline_ms:
        return None
    reward = Decimal(terms["reward"])
    if facts.not_before_ms is None:
        return Line(NAME, reward, "Finished by the deadline.", {})
    stated, not_before, left = at(facts.finished_ms), at(facts.not_before_ms), f"{facts.left_m} m"
    given = {
        "finished_at": facts.finished_ms // 1000,
        "not_before": facts.not_before_ms // 1000,
        "left_m": facts.left_m,
    }
    if facts.finished_ms // 1000 < facts.not_before_ms // 1000:  # phones state whole seconds
        text = (
            f"No reward: the finish is stated for {stated}, but the ride was {left} from the end, too far to "
            f"be there before {not_before}."
        )
        return Line(NAME, before.whole(Decimal(0)), text, given | {"counts": "ride"})
    if facts.arrived_ms is not None:
        text = f"Finished by the deadline, at {stated}; the ride was at the end at {at(facts.arrived_ms)}."
        return Line(NAME, reward, text, given | {"counts": "ride", "arrived_at": facts.arrived_ms // 1000})
    text = (
        f"Finished by the deadline, at {stated} as the courier states: no ping shows the end, and from "
        f"{left} away it could be reached by {not_before}."
    )
    return Line(NAME, reward, text, given | {"counts": "stated"})


def at(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


RULE = Rule(NAME, check, line)
