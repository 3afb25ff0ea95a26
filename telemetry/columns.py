"""Pings as columns of small integers: about 12 bytes a ping.

Layout (little-endian): u16 n, i64 first t_ms, i32 first lat_e6, i32 first lon_e6, six width codes of
4 bits (u32), then one column each: differences of t, lat and lon (n - 1 values), and accuracy, speed
and heading plus one (n values, so that unknown is 0). A width code is the bytes of each value: 0 (all
zero), 1, 2, 4 or 8. Fixed widths a column decode with one `struct` call where varints need a Python
loop over bytes; docs/decisions/0008 has the figures.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import accumulate, pairwise

from telemetry.ping import Ping

MAX_PINGS = 65_535
_HEADER = struct.Struct("<HqiiI")
_FORMATS = {1: "b", 2: "h", 4: "i", 8: "q"}


class CorruptColumns(ValueError):
    """The bytes are not a block of pings."""


def encode(pings: Sequence[Ping]) -> bytes:
    """At least one ping, at most MAX_PINGS, in any order of time."""
    if not 0 < len(pings) <= MAX_PINGS:
        raise ValueError(f"a block holds 1 to {MAX_PINGS} pings, not {len(pings)}")
    t, lat, lon, *others = zip(*pings, strict=True)
    columns = [[b - a for a, b in pairwise(c)] for c in (t, lat, lon)] + [[v + 1 for v in c] for c in others]
    codes, body = 0, b""
    for i, column in enumerate(columns):
        width = _width(column)
        codes |= width << (4 * i)
        if width:
            body += struct.pack(f"<{len(column)}{_FORMATS[width]}", *column)
    return _HEADER.pack(len(pings), t[0], lat[0], lon[0], codes) + body


def decode(data: bytes, offset: int = 0) -> tuple[list[Ping], int]:
    """The pings of the block at `offset`, and the offset behind it. Raises CorruptColumns."""
    try:
        n, t0, lat0, lon0, codes = _HEADER.unpack_from(data, offset)
        offset += _HEADER.size
        columns: list[Sequence[int]] = []
        for i, first in enumerate((t0, lat0, lon0, None, None, None)):
            count = n - (first is not None)
            column, offset = _column(data, offset, count, codes >> (4 * i) & 15)
            columns.append([v - 1 for v in column] if first is None else [*accumulate(column, initial=first)])
    except (struct.error, KeyError) as error:
        raise CorruptColumns(f"not a block of pings: {error}") from error
    if n == 0:
        raise CorruptColumns("a block without pings")
    return [Ping(*row) for row in zip(*columns, strict=True)], offset


def _column(data: bytes, offset: int, count: int, width: int) -> tuple[Sequence[int], int]:
    if width == 0:
        return (0,) * count, offset
    layout = f"<{count}{_FORMATS[width]}"
    return struct.unpack_from(layout, data, offset), offset + count * width


def _width(column: Sequence[int]) -> int:
    if not any(column):
        return 0
    low, high = min(column), max(column)
    return next(w for w in (1, 2, 4, 8) if -(1 << (8 * w - 1)) <= low and high < 1 << (8 * w - 1))
