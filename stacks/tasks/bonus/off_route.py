"""A deduction for what was ridden away from the route."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import msgspec

from stacks.tasks.bonus.facts import Facts
from stacks.tasks.bonus.rule import Line, Rule, Sum, read

NAME = "off_route"


class Terms(msgspec.Struct, forbid_unknown_fields=True):
    """{"per_km": "1.00", "free_m": 500}: the first metres cost nothing."""

    per_km: str
    free_m: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0


def check(said: Any, currency: str) -> dict[str, Any]:
    return read(said, Terms, NAME, currency, "per_km")


def line(terms: dict[str, Any], facts: Facts, before: Sum) -> Line:
    free = int(terms["free_m"])
    charged = max(facts.off_route_m - free, 0)
    taken = before.whole(Decimal(terms["per_km"]) * charged / 1000)
    text = (
        f"{facts.off_route_m} m off the route, {free} m of them free, {terms['per_km']} for each further km."
    )
    return Line(
        NAME, -taken, text, {"off_route_m": facts.off_route_m, "free_m": free, "per_km": terms["per_km"]}
    )


RULE = Rule(NAME, check, line)
