"""A request's body, with gzip undone, within a limit."""

from __future__ import annotations

import zlib

from geo.said import say
from telemetry.api import Request
from telemetry.problem import BadRequest, TooLarge

_GZIP = 16 + zlib.MAX_WBITS
_PIECE = 4096
"""Bytes that a member is given at once: it copies what lies behind its end, and a body may have thousands."""


def body_of(request: Request, limit: int) -> bytes:
    """limit: bytes of the body, expanded. Raises TooLarge and BadRequest."""
    body = request.body()
    coding = request.headers.get("content-encoding", "").strip().lower()
    if coding in {"gzip", "x-gzip"} and body:
        body = expand(body, limit)
    elif coding not in {"", "identity", "gzip", "x-gzip"}:
        raise _wrong(
            say(
                "coding-unknown",
                "the coding {coding!r} is not known; send gzip, or the body as it is",
                coding=coding,
            )
        )
    if len(body) > limit:
        raise _too_large(limit)
    return body


def expand(body: bytes, limit: int) -> bytes:
    """gzip undone, never holding more than limit + 1 bytes of what comes out.

    Several members follow each other as one text (RFC 1952, 2.2). Raises TooLarge and BadRequest.
    """
    out, at = bytearray(), 0
    while at < len(body):
        member = zlib.decompressobj(_GZIP)
        while not member.eof:
            piece = body[at : at + _PIECE]
            if not piece:
                raise _wrong(
                    say("gzip-cut-off", "the body ends in the middle of its gzip; send it again, whole")
                )
            try:
                out += member.decompress(piece, limit + 1 - len(out))
            except zlib.error as error:
                raise _wrong(
                    say("not-gzip", "gzip is announced, but the body is not gzip: {error}", error=str(error))
                ) from error
            if len(out) > limit:
                raise _too_large(limit)
            at += len(piece) - len(member.unused_data)
    return bytes(out)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        say("body-too-large", "The body, expanded, is over {limit} bytes; send less at once.", limit=limit)
    )


def _wrong(reason: str) -> BadRequest:
    detail = say("wrong-coding", "content-encoding: {reason}.", reason=reason)
    return BadRequest(detail, [{"field": "content-encoding", "reason": reason}])
