"""The compiled inner loops of the matcher, from the C sources beside this file."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from struct import Struct
from typing import Any

from geo.compiled import NotCompiled, load
from geo.model import MODEL, Model
from geo.progress import THRESHOLDS, Thresholds
from geo.state import STATE_BYTES

MATCHED = Struct("<4d2?6x")
"""Along, fraction, offset, confidence, on the route, outlier."""
_PASS = Struct("<4d")
_PASSES = 256  # room for so many at first
FIX_BYTES = 48
_P = ctypes.c_void_p


class Route:
    """A route in the library's memory, freed with this object. lon, lat [degrees], along [m]: n doubles."""

    def __init__(self, lon: Any, lat: Any, along: Any) -> None:
        self._free = library().route_free
        columns = [
            (ctypes.c_double * len(c)).from_buffer_copy(memoryview(c).cast("B")) for c in (lon, lat, along)
        ]
        self.address: int | None = library().route_new(len(lon), *columns)
        if not self.address:
            raise MemoryError("no memory for the route")

    def __del__(self) -> None:
        if getattr(self, "address", None):
            self._free(self.address)

    def passes(self, lon: float, lat: float, reach: float) -> list[tuple[float, float]]:
        """Where the route passes within `reach` [m] of a point: along, offset [m], rising along it."""
        room, count = 0, _PASSES
        while count > room:
            room = count
            found = ctypes.create_string_buffer(room * _PASS.size)
            count = library().route_passes(self.address, lon, lat, reach, room, found)
        passes = _PASS.iter_unpack(found.raw[: count * _PASS.size])
        return [(along, offset) for along, offset, _, _ in passes]


def advance(
    routes: Sequence[Route], states: bytes, counts: Sequence[int], fixes: bytes, *, told: bool,
    rules: Any,
) -> tuple[bytes, bytes]:  # fmt: skip
    """New states, and MATCHED per fix where they are to be told. states: STATE_BYTES each; counts: fixes of
    each courier; fixes: six doubles each (geo.state.Fix).
    """
    n = len(routes)
    after = ctypes.create_string_buffer(states, len(states) or 1)
    matches = ctypes.create_string_buffer(max(len(fixes) // FIX_BYTES * MATCHED.size, 1)) if told else None
    library().advance(
        rules, n, (_P * n)(*(route.address for route in routes)), after,
        (ctypes.c_int64 * n)(*counts), fixes, matches,
    )  # fmt: skip
    return after.raw[: len(states)], matches.raw[: len(fixes) // FIX_BYTES * MATCHED.size] if matches else b""


def smooth(route: Route, fixes: bytes, rules: Any) -> bytes:
    """MATCHED per fix of a whole trip. fixes: as for `advance`, all finite, their times rising."""
    n = len(fixes) // FIX_BYTES
    matches = ctypes.create_string_buffer(n * MATCHED.size)
    if not library().smooth(rules, route.address, n, fixes, matches):
        raise MemoryError("no memory for the trip")
    return matches.raw


@cache
def rules(model: Model = MODEL, thresholds: Thresholds = THRESHOLDS) -> Any:
    """The constants as the library takes them."""
    values = [getattr(part, f.name) for part in (model, thresholds) for f in fields(part)]
    return (ctypes.c_double * len(values))(*values)


@cache
def library() -> Any:
    """Raises NotCompiled."""
    found = load(Path(__file__).parent)
    names = " ".join(f.name for part in (Model, Thresholds) for f in fields(part))
    theirs = ctypes.string_at(ctypes.addressof(ctypes.c_char.in_dll(found, "rule_names"))).decode().strip()
    size = ctypes.c_int64.in_dll(found, "state_size").value
    if theirs != names or size != STATE_BYTES:
        raise NotCompiled(
            "the matcher's library is of other sources than this code; `make setup` builds it anew"
        )
    i64, double = ctypes.c_int64, ctypes.c_double
    found.route_new.restype, found.route_new.argtypes = _P, [i64, _P, _P, _P]
    found.route_free.restype, found.route_free.argtypes = None, [_P]
    found.route_passes.restype, found.route_passes.argtypes = i64, [_P, double, double, double, i64, _P]
    found.advance.restype, found.advance.argtypes = None, [_P, i64, _P, _P, _P, _P, _P]
    found.smooth.restype, found.smooth.argtypes = ctypes.c_bool, [_P, _P, i64, _P, _P]
    return found
