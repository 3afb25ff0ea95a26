"""What a task pays: a base amount, and rules that add to it or take from it when its trip is settled.

A bonus is checked here when a task is made and copied to each trip at its claim. Its calculation is a pure
function of those terms and of facts that are kept with it, so that anybody can do it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from geo.said import say
from stacks.tasks import money
from stacks.tasks.bonus import coverage, late, limits, off_route, on_time
from stacks.tasks.bonus.facts import Facts
from stacks.tasks.bonus.rule import Line, Rule, Sum
from storage.tasks import Bonus
from telemetry.fields import wrong

RULES: tuple[Rule, ...] = (coverage.RULE, off_route.RULE, late.RULE, on_time.RULE, limits.RULE)
"""In the order in which they are applied."""


@dataclass(frozen=True, slots=True)
class Calculation:
    """The lines add up to the total, which is never negative."""

    lines: tuple[Line, ...]
    total: Decimal


def terms(amount: str, currency: str, rules: Mapping[str, Any]) -> Bonus:
    """Raises BadRequest, which names the field."""
    known = {rule.name: rule for rule in RULES}
    kept = {}
    for name, said in rules.items():
        if name not in known:
            strange = say(
                "bonus-rule-unknown", "is not a rule of a bonus; known are {known}", known=list(known)
            )
            raise wrong(f"bonus.rules.{name}", strange)
        kept[name] = known[name].check(said, currency)
    return Bonus(money.exact(amount, currency, "bonus"), currency, kept)


def calculate(bonus: Bonus, facts: Facts) -> Calculation:
    """Line by line."""
    base = Decimal(bonus.amount)
    lines = [Line("base", base, "The task's bonus.", {})]
    # Nothing less than nothing is paid, also where no limit was agreed on.
    agreed = {limits.NAME: {"least": "0", "most": None}} | dict(bonus.rules)
    for rule in RULES:
        if rule.name in agreed:
            before = Sum(base, sum((line.amount for line in lines), Decimal(0)))
            line = rule.line(agreed[rule.name], facts, before)
            lines += [line] if line else []
    return Calculation(tuple(lines), sum((line.amount for line in lines), Decimal(0)))
