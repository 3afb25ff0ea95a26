"""A file's lines, one at a time, plain or gzip, whatever its size, from the first or from a later one."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from ingest.bulk.lines import MAX_LINE

MAX_TEXT = 1024**3  # bytes, expanded
MAX_LINES = 20_000_000  # empty ones too: a gibibyte of them is a megabyte of gzip, and took seven minutes
_GZIP = b"\x1f\x8b"


class Broken(Exception):
    """Nothing can be read from here on; the message says why and what to do."""


class At(NamedTuple):
    """Behind a line. line: its number, from 1; size: bytes of the expanded text up to there."""

    line: int
    size: int


START = At(0, 0)


def lines(body: IO[bytes], since: At = START, limit: int = MAX_TEXT) -> Iterator[tuple[At, bytes]]:
    """End and text of each line that is not empty, behind `since`. Raises Broken.

    body: from its start. What is passed over is read as it was before: a torn gzip breaks at the same line
    wherever one begins.
    """
    text = _expanded(body)
    number, size = since
    passed = 0
    while passed < size and (line := _next(text, 0)):
        passed += len(line)
    while line := _next(text, number + 1):
        number, size = number + 1, size + len(line)
        if size > limit:
            raise Broken(f"line {number} ends beyond {limit} bytes, expanded; put the rest into another file")
        if number > MAX_LINES:
            raise Broken(f"there are over {MAX_LINES} lines; put the rest into another file")
        if len(line) > MAX_LINE + 1:
            raise Broken(f"line {number} has over {MAX_LINE} bytes; is it one JSON object a line?")
        if line.strip():
            yield At(number, size), line.rstrip(b"\r\n")


def _expanded(body: Any) -> io.BufferedIOBase:
    buffered = io.BufferedReader(body, 1 << 20)
    return gzip.GzipFile(fileobj=buffered) if buffered.peek(2)[:2] == _GZIP else buffered


def _next(text: io.BufferedIOBase, number: int) -> bytes:
    try:
        return text.readline(MAX_LINE + 2)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Broken(f"the gzip is broken in line {number} ({error}); put the file again, whole") from error
