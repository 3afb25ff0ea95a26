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
from functools import lru_cache
from itertools import accumulate
from operator import sub

from telemetry.ping import Ping

MAX_PINGS = 65_535
_HEADER = struct.Struct("<HqiiI")
_FORMATS = {1: "b", 2: "h", 4: "i", 8: "q"}
_COLUMNS = 6
_DIFFERENCES = 3  # the first three columns have n - 1 values


class CorruptColumns(ValueError):
    """The bytes are not a block of pings."""


def encode(pings: Sequence[Ping]) -> bytes:
    """At least one ping, at most MAX_PINGS, in any order of time."""
    if not 0 < len(pings) <= MAX_PINGS:
        raise ValueError(f"a block holds 1 to {MAX_PINGS} pings, not {len(pings)}")
    t, lat, lon, *others = zip(*pings, strict=True)
    columns = [[*map(sub, c[1:], c)] for c in (t, lat, lon)] + [[v + 1 for v in c] for c in others]
    codes, values = 0, []
    for i, column in enumerate(columns):
        if width := _width(column):
            codes |= width << (4 * i)
            values += column
    packed = _layout(len(pings), codes)[0].pack(*values)
    return _HEADER.pack(len(pings), t[0], lat[0], lon[0], codes) + packed


def decode(data: bytes, offset: int = 0) -> tuple[list[Ping], int]:
    """The pings of the block at `offset`, and the offset behind it. Raises CorruptColumns."""
    try:
        n, *firsts, codes = _HEADER.unpack_from(data, offset)
        layout, present = _layout(n, codes)
        values = layout.unpack_from(data, offset + _HEADER.size)
    except (struct.error, KeyError) as error:
        raise CorruptColumns(f"not a block of pings: {error}") from error
    if n == 0:
        raise CorruptColumns("a block without pings")
    at, columns = 0, []
    for i, full in enumerate(present):
        count = n - (i < _DIFFERENCES)
        column: Sequence[int] = values[at : at + count] if full else (0,) * count
        at += count if full else 0
        columns.append(accumulate(column, initial=firsts[i]) if i < _DIFFERENCES else [v - 1 for v in column])
    return [Ping(*row) for row in zip(*columns, strict=True)], offset + _HEADER.size + layout.size


@lru_cache(maxsize=4096)  # uploads have few sizes and fewer shapes
def _layout(n: int, codes: int) -> tuple[struct.Struct, tuple[bool, ...]]:
    """One struct for all columns of a block, and which hold values. Raises KeyError on a bad width."""
    widths = [codes >> (4 * i) & 15 for i in range(_COLUMNS)]
    counts = [max(n - (i < _DIFFERENCES), 0) for i in range(_COLUMNS)]
    parts = [f"{count}{_FORMATS[width]}" for width, count in zip(widths, counts, strict=True) if width]
    return struct.Struct("<" + "".join(parts)), tuple(width > 0 for width in widths)


def _width(column: Sequence[int]) -> int:
    if not any(column):
        return 0
    low, high = min(column), max(column)
    return next(w for w in (1, 2, 4, 8) if -(1 << (8 * w - 1)) <= low and high < 1 << (8 * w - 1))
