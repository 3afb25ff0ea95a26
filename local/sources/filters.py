"""Event filtering: does a record fit a pattern?

Source: AWS Lambda developer guide, "Filter rule syntax".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def fits(pattern: Any, event: Any) -> bool:
    """Every member of the pattern is in the event, with one of the values that its list allows."""
    return all(
        fits(wanted, event.get(name) if isinstance(event, Mapping) else None)
        if isinstance(wanted, Mapping)
        else any(_one(rule, name, event) for rule in wanted)
        for name, wanted in pattern.items()
    )


def check(pattern: Any) -> None:
    """Raises ValueError for a pattern that `fits` does not know."""
    for name, wanted in pattern.items():
        if isinstance(wanted, Mapping):
            check(wanted)
            continue
        rules = wanted if isinstance(wanted, list) else []
        kinds = {next(iter(rule)) for rule in rules if isinstance(rule, Mapping)}
        if not rules or kinds - {*_RULES, "exists"}:
            raise ValueError(f"{name}: {wanted}")


def _one(rule: Any, name: str, event: Any) -> bool:
    present = isinstance(event, Mapping) and name in event
    if isinstance(rule, Mapping):
        kind, argument = next(iter(rule.items()))
        if kind == "exists":
            return present is argument
        return present and _RULES[kind](event[name], argument)
    return present and (rule in event[name] if isinstance(event[name], list) else event[name] == rule)


def _numeric(value: Any, bounds: list[Any]) -> bool:
    compare = {
        "=": lambda a, b: a == b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }
    pairs = zip(bounds[::2], bounds[1::2], strict=True)
    return isinstance(value, int | float) and all(compare[sign](value, bound) for sign, bound in pairs)


_RULES = {
    "prefix": lambda value, start: isinstance(value, str) and value.startswith(start),
    "suffix": lambda value, end: isinstance(value, str) and value.endswith(end),
    "anything-but": lambda value, but: value not in (but if isinstance(but, list) else [but]),
    "equals-ignore-case": lambda value, text: isinstance(value, str) and value.lower() == text.lower(),
    "numeric": _numeric,
}
