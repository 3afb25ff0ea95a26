"""A request's body and query as the formats read them: expanded, within a limit."""

from __future__ import annotations

from dataclasses import dataclass

from telemetry.api import Request
from telemetry.expand import body_of


@dataclass(frozen=True, slots=True)
class Sent:
    """query: as it came, without the question mark."""

    body: bytes = b""
    query: str = ""


def sent(request: Request, limit: int) -> Sent:
    """limit: bytes of the body, expanded. Raises TooLarge and BadRequest."""
    return Sent(body_of(request, limit), str(request.event.get("rawQueryString") or ""))
