"""Refusals of one field of a request: of its body, its query, or a header."""

from __future__ import annotations

from collections.abc import Iterable

from geo.said import say
from telemetry.problem import BadRequest


def wrong(field: str, reason: str) -> BadRequest:
    """`reason` reads on from the field's name ("must be …")."""
    detail = say("wrong-field", "{field} {reason}.", field=field, reason=reason)
    return BadRequest(detail, [{"field": field, "reason": reason}])


def none_of(field: str, known: Iterable[str]) -> BadRequest:
    return wrong(field, say("none-of", "must be one of {known}", known=list(known)))


def no_count(field: str, most: int) -> BadRequest:
    """Of how many are asked for."""
    return wrong(field, say("no-count", "must be a whole number from 1 to {most}", most=most))


def no_page() -> BadRequest:
    """Of where a page begins."""
    return wrong("after", say("no-page", "must be `next` of the page before"))
