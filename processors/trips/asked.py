"""What the query of a track asks for. Every function raises BadRequest."""

from __future__ import annotations

import re

from processors.trips.files import FILES
from telemetry.api import Request
from telemetry.fields import no_count, no_page, none_of

FORMATS = ("json", *FILES)
PAGE, MOST = 1_000, 5_000
Cursor = tuple[int, str]
"""Time [ms, Unix] and device of the last ping of a page."""


def form(request: Request) -> str:
    wanted = request.query.get("format", "json")
    if wanted not in FORMATS:
        raise none_of("format", FORMATS)
    return wanted


def limit(request: Request) -> int:
    text = request.query.get("limit", str(PAGE))
    if not (re.fullmatch(r"[0-9]{1,9}", text) and 1 <= int(text) <= MOST):
        raise no_count("limit", MOST)
    return int(text)


def after(request: Request) -> Cursor | None:
    text = request.query.get("after")
    if text is None:
        return None
    found = re.fullmatch(r"([0-9]{1,15})\.(.*)", text, re.DOTALL)
    if not found:
        raise no_page()
    return int(found[1]), found[2]


def cursor(last: Cursor) -> str:
    return f"{last[0]}.{last[1]}"
