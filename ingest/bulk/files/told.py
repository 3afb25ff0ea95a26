"""How far a file was taken, and what became of its lines: kept from turn to turn, then the results' gzip.

A deflate stream that was flushed can be gone on with by another compressor, so that the results of all turns
are one gzip member (some clients read no second one): the bytes so far, and the check that ends it.
Sources: RFC 1951, 3.2.3; RFC 1952, 2.2 and 2.3.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import orjson

from ingest.bulk.files.text import START, At
from ingest.bulk.lines import Line
from ingest.bulk.results import results

DETAILS = 1_000_000  # refusals told one by one, a file
_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # deflate, no name, no time, of no system
_LEVEL = 5


def _compressor() -> Any:
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)


@dataclass
class Told:
    """at: behind the last line that was taken; points: pings and lines without one, taken or refused."""

    at: At = START
    points: int = 0
    lines: int = 0
    accepted: int = 0
    rejected: int = 0
    size: int = 0
    check: int = 0
    _written: bytearray = field(default_factory=bytearray)
    _out: Any = field(default_factory=_compressor)

    @classmethod
    def since(cls, kept: bytes | None) -> Told:
        """As `kept` left off; None: from the file's start."""
        if kept is None:
            return cls()
        head, _, written = kept.partition(b"\n")
        said = orjson.loads(head)
        return cls(**said | {"at": At(*said["at"])}, _written=bytearray(written))

    def kept(self) -> bytes:
        """To go on from in another turn."""
        self._written += self._out.flush(zlib.Z_FULL_FLUSH)
        said = {it.name: getattr(self, it.name) for it in fields(self) if it.name[0] != "_"}
        return orjson.dumps(said, default=list) + b"\n" + self._written

    def add(self, part: Sequence[Line], at: At, points: int) -> None:
        """Lines that are durable. at, points: behind the last of them, of the whole file so far."""
        text = b"".join(orjson.dumps(it) + b"\n" for it in results(part, DETAILS - self.rejected))
        self._written += self._out.compress(text)
        self.size += len(text)
        self.check = zlib.crc32(text, self.check)
        self.at, self.points = at, points
        self.lines += len(part)
        self.accepted += sum(len(line.pings) for line in part)
        self.rejected += sum(line.refusals for line in part)

    def written(self) -> bytes:
        """The results, gzip; nothing can be added any more."""
        end = struct.pack("<LL", self.check, self.size & 0xFFFFFFFF)
        return b"".join((_HEAD, self._written, self._out.flush(), end))
