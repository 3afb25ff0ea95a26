"""A request's body, with gzip undone, within a limit."""

from __future__ import annotations

import zlib

from telemetry.api import Request
from telemetry.problem import BadRequest, TooLarge

_GZIP = 16 + zlib.MAX_WBITS
MEMBERS = 300
"""More than any writer makes of 16 MB. Each costs a copy of all that follows; an empty one has 20 bytes."""


def body_of(request: Request, limit: int) -> bytes:
    """limit: bytes of the body, expanded. Raises TooLarge and BadRequest."""
    body = request.body()
    coding = request.headers.get("content-encoding", "").strip().lower()
    if coding in {"gzip", "x-gzip"} and body:
        body = expand(body, limit)
    elif coding not in {"", "identity", "gzip", "x-gzip"}:
        raise _wrong(f"the coding {coding!r} is not known; send gzip, or the body as it is")
    if len(body) > limit:
        raise _too_large(limit)
    return body


def expand(body: bytes, limit: int) -> bytes:
    """gzip undone, never holding more than limit + 1 bytes of what comes out.

    Several members follow each other as one text (RFC 1952, 2.2). Raises TooLarge and BadRequest.
    """
    out, members = b"", 0
    while body:
        members += 1
        if members > MEMBERS:
            raise _wrong(f"the body has over {MEMBERS} gzip members; write it as one")
        member = zlib.decompressobj(_GZIP)
        try:
            out += member.decompress(body, limit + 1 - len(out))
        except zlib.error as error:
            raise _wrong(f"gzip is announced, but the body is not gzip: {error}") from error
        if len(out) > limit:
            raise _too_large(limit)
        if not member.eof:
            raise _wrong("the body ends in the middle of its gzip; send it again, whole")
        body = member.unused_data
    return out


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body, expanded, is over {limit} bytes; send less at once.")


def _wrong(reason: str) -> BadRequest:
    return BadRequest(f"content-encoding: {reason}.", [{"field": "content-encoding", "reason": reason}])
