"""A reward for a finish by the deadline."""

from __future__ import annotations

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


def line(terms: dict[str, Any], facts: Facts, _before: Sum) -> Line | None:
    if facts.deadline_ms is None or facts.finished_ms > facts.deadline_ms:
        return None
    return Line(NAME, Decimal(terms["reward"]), "Finished by the deadline.", {})


RULE = Rule(NAME, check, line)
