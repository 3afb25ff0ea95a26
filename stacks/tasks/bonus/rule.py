"""What a rule of a bonus is: terms, checked when a task is made, and a line when its trip is settled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any, NamedTuple, TypeVar

import msgspec

from stacks.tasks import money
from stacks.tasks.bonus.facts import Facts
from telemetry.body import read_part

T = TypeVar("T", bound=msgspec.Struct)


class Line(NamedTuple):
    """One line of the calculation. amount: added, or taken where it is negative; text: why, in English;
    given: the numbers of the text, for who says it in another language.
    """

    rule: str
    amount: Decimal
    text: str
    given: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sum:
    """The calculation so far. base: the bonus without its rules; its decimals are the currency's."""

    base: Decimal
    total: Decimal

    def whole(self, amount: Decimal) -> Decimal:
        """In the currency's smallest coin, the rest left out: a deduction is rounded for the courier."""
        return amount.quantize(self.base, ROUND_DOWN)


@dataclass(frozen=True, slots=True)
class Rule:
    """check: the terms as they were sent (JSON) and the currency, to plain values with exact amounts. Raises
    BadRequest. line: of those terms, the facts and the calculation so far; None where the rule says nothing.
    """

    name: str
    check: Callable[[Any, str], dict[str, Any]]
    line: Callable[[dict[str, Any], Facts, Sum], Line | None]


def read(said: Any, shape: type[T], rule: str, currency: str, *amounts: str) -> dict[str, Any]:
    """The terms as `shape`, and its `amounts` as exact money. Raises BadRequest, which names the field."""
    field = f"bonus.rules.{rule}"
    terms: dict[str, Any] = msgspec.to_builtins(read_part(said, shape, field))
    return terms | {
        name: money.exact(terms[name], currency, field, name)
        for name in amounts
        if terms.get(name) is not None
    }
