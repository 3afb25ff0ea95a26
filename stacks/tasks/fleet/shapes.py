"""Bodies of requests about a fleet, checked."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from geo.said import say
from stacks.tasks.notify.events import EVENTS
from telemetry.alerts import THRESHOLDS, Kind, Rules
from telemetry.api import Request
from telemetry.body import read_body
from telemetry.fields import wrong


class NewRules(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out has its default."""

    kinds: list[Kind] | None = None
    silent_after_s: int | None = None
    late_by_s: int | None = None
    battery_below_percent: int | None = None
    abandon_after_s: int | None = None


class NewWebhook(msgspec.Struct, forbid_unknown_fields=True):
    url: str
    events: Annotated[list[str], msgspec.Meta(min_length=1, max_length=len(EVENTS))]
    new_secret: bool = False


def read_fresh(request: Request) -> bool:
    """Whether there must be none of its name yet: If-None-Match: *. Raises BadRequest."""
    said = request.headers.get("if-none-match")
    if said not in {None, "*"}:
        raise wrong("if-none-match", say("if-none-match-form", "must be *: there must be none yet"))
    return said is not None


def read_rules(request: Request) -> Rules:
    """Raises BadRequest, which names the field."""
    said = read_body(request, NewRules)
    given: dict[str, Any] = {}
    for name, it in THRESHOLDS.items():
        value = getattr(said, name)
        if value is None:
            continue
        if not it.low <= value <= it.high:
            outside = say(
                "threshold-outside",
                "must be from {low} to {high} {unit}",
                low=it.low,
                high=it.high,
                unit=it.unit,
            )
            raise wrong(name, outside)
        given[name] = value
    if said.kinds is not None:
        given["kinds"] = frozenset(said.kinds)
    return Rules(**given)
