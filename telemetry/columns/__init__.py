"""Pings as columns of small integers: about 12 bytes a ping.

Layout (little-endian): u16 n, i64 first t_ms, i32 first lat_e6, i32 first lon_e6, seven width codes
of 4 bits (u32), then one column each: differences of t, lat and lon (n - 1 values), accuracy, speed and
heading plus one (n values, so that unknown is 0), and flags (n values). A width code is the bytes of each
value: 0 (all zero), 1, 2, 4 or 8. Flags came later: a block without any has the bytes that it had before.
The loops are in columns.c, docs/decisions/0008 and 0023 tell why.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from geo.compiled import load
from telemetry.ping import Ping
from telemetry.pings import ROW, Pings

MAX_PINGS = 65_535
_HEADER = 22
_FIX_BYTES = 48  # six doubles
_FLAGS_CODE = 21  # the byte of the header in which the width of the flags stands


class CorruptColumns(ValueError):
    """The bytes are not a block of pings."""


def encode(pings: Iterable[Ping]) -> bytes:
    """At least one ping, at most MAX_PINGS, in any order of time."""
    rows = Pings.of(pings).rows
    room = ctypes.create_string_buffer(_HEADER + len(rows))
    size = _library().block_pack(rows, len(rows) // ROW.size, room)
    if size < 0:
        raise ValueError(
            f"a block holds 1 to {MAX_PINGS} pings on the map; these {len(rows) // ROW.size} are none"
        )
    return room.raw[:size]


def decode(data: bytes, offset: int = 0) -> tuple[Pings, int]:
    """The pings of the block at `offset`, and the offset behind it. Raises CorruptColumns."""
    block = data[offset:] if offset else data
    rows = ctypes.create_string_buffer(_library().block_count(block, len(block)) * ROW.size)
    size = _library().block_unpack(block, len(block), rows)
    if size < 0:
        raise CorruptColumns("not a block of pings")
    return Pings(rows.raw), offset + size


class Doubts(NamedTuple):
    """How many pings are mock, and how many came too fast from the one before (telemetry/doubts.py)."""

    mock: int = 0
    implausible: int = 0


def flagged(block: bytes) -> bool:
    """Whether any ping of an encoded block has flags."""
    return block[_FLAGS_CODE] != 0


def count_doubts(pings: Pings, start: int, *, fastest_mps: float, least_s: float, unknown_dm: int) -> Doubts:
    """Among the pings from index `start` on, of one device in order of time."""
    mock, implausible = ctypes.c_int64(), ctypes.c_int64()
    _library().count_doubts(
        pings.rows,
        len(pings),
        start,
        fastest_mps,
        least_s,
        unknown_dm,
        ctypes.byref(mock),
        ctypes.byref(implausible),
    )
    return Doubts(mock.value, implausible.value)


def fixes(pings: Pings) -> bytes:
    """Six doubles a ping, as geo.match takes them."""
    out = ctypes.create_string_buffer(len(pings) * _FIX_BYTES)
    _library().rows_to_fixes(pings.rows, len(pings), out)
    return out.raw


def first_bad(pings: Pings, from_ms: int, until_ms: int) -> int | None:
    """Index of the first ping that is out of order, outside these times or nowhere on the map."""
    found = _library().first_bad(pings.rows, len(pings), from_ms, until_ms)
    return None if found < 0 else int(found)


@cache
def _library() -> Any:
    found = load(Path(__file__).parent)
    pointer, i64, double = ctypes.c_char_p, ctypes.c_int64, ctypes.c_double
    counted = ctypes.POINTER(ctypes.c_int64)
    found.block_count.restype, found.block_count.argtypes = i64, [pointer, i64]
    found.block_unpack.restype, found.block_unpack.argtypes = i64, [pointer, i64, ctypes.c_void_p]
    found.block_pack.restype, found.block_pack.argtypes = i64, [pointer, i64, ctypes.c_void_p]
    found.rows_to_fixes.restype, found.rows_to_fixes.argtypes = None, [pointer, i64, ctypes.c_void_p]
    found.count_doubts.restype = None
    found.count_doubts.argtypes = [pointer, i64, i64, double, double, i64, counted, counted]
    found.first_bad.restype, found.first_bad.argtypes = i64, [pointer, i64, i64, i64]
    return found
