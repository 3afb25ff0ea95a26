"""Which page of a list is asked for. Raises BadRequest, which names the part of the query."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from geo.said import say
from telemetry.body import wrong
from telemetry.problem import BadRequest

_MOST, _USUAL = 500, 200


@dataclass(frozen=True, slots=True)
class Page:
    """after: the last one of the page before."""

    after: str | None
    limit: int


def read_page(query: Mapping[str, str], prefix: str) -> Page:
    """prefix: of the ids that are listed, `tk` or `tr`."""
    after, limit = query.get("after"), query.get("limit", str(_USUAL))
    if after is not None and not re.fullmatch(rf"{prefix}_[0-9a-z]{{16}}", after):
        raise no_page()
    if not re.fullmatch(r"[1-9][0-9]{0,2}", limit) or int(limit) > _MOST:
        raise wrong("limit", say("page-limit", "must be a whole number from 1 to {most}", most=_MOST))
    return Page(after, int(limit))


def no_page() -> BadRequest:
    return wrong("after", say("no-page", "must be `next` of the page before"))


def one_of(query: Mapping[str, str], name: str, known: Collection[str]) -> str | None:
    value = query.get(name)
    if value is not None and value not in known:
        raise none_of(name, known)
    return value


def none_of(name: str, known: Iterable[str]) -> BadRequest:
    return wrong(name, say("none-of", "must be one of {known}", known=list(known)))
