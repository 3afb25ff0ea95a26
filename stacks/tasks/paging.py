"""Which page of a list is asked for. Raises BadRequest, which names the part of the query."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from telemetry.fields import no_count, no_page, none_of

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
        raise no_count("limit", _MOST)
    return Page(after, int(limit))


def one_of(query: Mapping[str, str], name: str, known: Collection[str]) -> str | None:
    value = query.get(name)
    if value is not None and value not in known:
        raise none_of(name, known)
    return value
