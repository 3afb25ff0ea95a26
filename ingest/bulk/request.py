"""The lines of one request, within the limits that keep memory, time and the answer small."""

from __future__ import annotations

from ingest.bulk.lines import Line, read_line
from ingest.sent import sent
from telemetry.api import Request
from telemetry.problem import BadRequest, TooLarge

MAX_WIRE = 4 * 1024 * 1024  # bytes; in base64 it stays below the 6 MB of a Lambda event
MAX_BODY = 16 * 1024 * 1024  # the same, expanded
MAX_LINES = 20_000
MAX_POINTS = 100_000


def read(request: Request, now: float) -> list[Line]:
    """now: Unix seconds. Empty lines are passed over. Raises TooLarge, BadRequest."""
    if len(request.body()) > MAX_WIRE:
        raise _too_large(f"{MAX_WIRE} bytes")
    lines: list[Line] = []
    points = 0
    for number, text in enumerate(sent(request, MAX_BODY).body.split(b"\n"), 1):
        if not text.strip():
            continue
        if len(lines) == MAX_LINES:
            raise _too_large(f"{MAX_LINES} lines")
        lines.append(read_line(number, text, now))
        points += lines[-1].points
        if points > MAX_POINTS:
            raise _too_large(f"{MAX_POINTS} pings")
    if not lines:
        reason = 'is empty; send lines such as {"courier": "mei", "pings": […]}'
        raise BadRequest(f"The body {reason}", [{"field": "body", "reason": reason}])
    return lines


def _too_large(limit: str) -> TooLarge:
    return TooLarge(f"The body has over {limit}; split it, or send it by POST /v1/uploads/bulk/files.")
