"""A share of the base is taken where the route was not ridden as a whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import msgspec

from geo.said import say
from stacks.tasks.bonus.facts import Facts
from stacks.tasks.bonus.rule import Line, Rule, Sum, read
from telemetry.fields import wrong

NAME = "coverage"
_Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]


class Terms(msgspec.Struct, forbid_unknown_fields=True):
    """{"full_percent": 95, "none_percent": 50}: the whole base from 95 %, none of it up to 50 %, and in
    between in proportion.
    """

    full_percent: _Percent
    none_percent: _Percent = 0


def check(said: Any, currency: str) -> dict[str, Any]:
    terms = read(said, Terms, NAME, currency)
    if terms["none_percent"] >= terms["full_percent"]:
        much = say("coverage-none-too-much", "must be less than full_percent")
        raise wrong(f"bonus.rules.{NAME}.none_percent", much)
    return terms


def line(terms: dict[str, Any], facts: Facts, before: Sum) -> Line:
    full, none = int(terms["full_percent"]), int(terms["none_percent"])
    missing_bp = min(max(full * 100 - facts.covered_bp, 0), (full - none) * 100)
    taken = before.whole(before.base * missing_bp / ((full - none) * 100))
    covered = f"{Decimal(facts.covered_bp) / 100:.2f}"
    text = f"{covered} % of the route was ridden; the whole base is paid from {full} %, none up to {none} %."
    return Line(NAME, -taken, text, {"covered_percent": covered, "full_percent": full, "none_percent": none})


RULE = Rule(NAME, check, line)
