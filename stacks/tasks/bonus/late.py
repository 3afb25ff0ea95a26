"""A deduction for each minute begun after the deadline."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import msgspec

from stacks.tasks.bonus.facts import Facts
from stacks.tasks.bonus.rule import Line, Rule, Sum, read

NAME = "late"
_MINUTE_MS = 60_000


class Terms(msgspec.Struct, forbid_unknown_fields=True):
    """{"per_minute": "0.20", "grace_minutes": 5}: the first minutes cost nothing."""

    per_minute: str
    grace_minutes: Annotated[int, msgspec.Meta(ge=0, le=1440)] = 0


def check(said: Any, currency: str) -> dict[str, Any]:
    return read(said, Terms, NAME, currency, "per_minute")


def line(terms: dict[str, Any], facts: Facts, _before: Sum) -> Line | None:
    if facts.deadline_ms is None or facts.finished_ms <= facts.deadline_ms:
        return None
    grace = int(terms["grace_minutes"])
    minutes = -((facts.deadline_ms - facts.finished_ms) // _MINUTE_MS)
    charged = max(minutes - grace, 0)
    text = f"{minutes} min late, {grace} min of them free, {terms['per_minute']} for each other minute."
    given = {"minutes": minutes, "grace_minutes": grace, "per_minute": terms["per_minute"]}
    return Line(NAME, -charged * Decimal(terms["per_minute"]), text, given)


RULE = Rule(NAME, check, line)
