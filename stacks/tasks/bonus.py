"""What a task pays: a base amount, and rules that add to it or take from it when its trip is settled.

A bonus is validated here when a task is made and copied to each trip at its claim. RULES is the seam: a rule
is known by its name in `bonus.rules` and says what its terms must be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stacks.tasks import money
from storage.tasks import Bonus
from telemetry.body import wrong

Rule = Callable[[Any, str], Any]
"""Its terms as they were sent (JSON), and the currency, to the terms as they are kept. Raises BadRequest."""

RULES: Mapping[str, Rule] = {}


def terms(amount: str, currency: str, rules: Mapping[str, Any]) -> Bonus:
    """Raises BadRequest, which names the field."""
    kept = {}
    for name, said in rules.items():
        rule = RULES.get(name)
        if rule is None:
            known = f"known are {', '.join(RULES)}" if RULES else "there is the base amount only"
            raise wrong(f"bonus.rules.{name}", f"is not a rule of a bonus; {known}")
        kept[name] = rule(said, currency)
    return Bonus(money.exact(amount, currency, "bonus"), currency, kept)
