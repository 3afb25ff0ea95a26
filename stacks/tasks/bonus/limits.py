"""What a bonus is at least and at most, whatever the rules before say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from geo.said import say
from stacks.tasks.bonus.facts import Facts
from stacks.tasks.bonus.rule import Line, Rule, Sum, read
from telemetry.fields import wrong

NAME = "limits"


class Terms(msgspec.Struct, forbid_unknown_fields=True):
    """{"least": "3.00", "most": "15.00"}: without them nothing is the least, and there is no most."""

    least: str = "0"
    most: str | None = None


def check(said: Any, currency: str) -> dict[str, Any]:
    terms = read(said, Terms, NAME, currency, "least", "most")
    if terms["most"] is not None and Decimal(terms["most"]) < Decimal(terms["least"]):
        raise wrong(
            f"bonus.rules.{NAME}.most", say("limits-most-too-little", "must not be less than `least`")
        )
    return terms


def line(terms: dict[str, Any], _facts: Facts, before: Sum) -> Line | None:
    least, most = Decimal(terms["least"]), terms["most"]
    if before.total < least:
        return Line(NAME, least - before.total, f"At least {least} is paid.", {"least": str(least)})
    if most is not None and before.total > Decimal(most):
        return Line(NAME, Decimal(most) - before.total, f"At most {most} is paid.", {"most": most})
    return None


RULE = Rule(NAME, check, line)
