"""The compiled inner loops: the shared library beside this file, built from the C sources beside it.

`python -m tools.kernel` (part of `make setup`) builds it for this machine, `make build` for Lambda's.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from array import array
from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from struct import Struct
from typing import Any

from geo.model import MODEL, Model
from geo.progress import THRESHOLDS, Thresholds
from geo.state import STATE_BYTES

MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
MATCHED = Struct("<4d2?6x")
"""Along, fraction, offset, confidence, on the route, outlier."""
_PASS = Struct("<4d")
_PASSES = 256
_P = ctypes.c_void_p


class KernelMissing(RuntimeError):
    """The library is not there, or of other sources than the code that calls it."""


def name(machine: str, system: str) -> str:
    """The library's file for a machine as `platform` and `sys` name them."""
    return f"kernel-{MACHINES.get(machine.lower(), machine.lower())}-{system}.so"


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
        room = ctypes.create_string_buffer(_PASSES * _PASS.size)
        count = library().route_passes(self.address, lon, lat, reach, _PASSES, room)
        found = _PASS.iter_unpack(room.raw[: min(count, _PASSES) * _PASS.size])
        return [(along, offset) for along, offset, _, _ in found]


def advance(
    routes: Sequence[Route], states: bytes, counts: Sequence[int], fixes: array[float], *, told: bool,
    rules: Any,
) -> tuple[bytes, bytes]:  # fmt: skip
    """New states, and MATCHED per fix where they are to be told. states: STATE_BYTES each; counts: fixes of
    each courier; fixes: six doubles each (geo.state.Fix).
    """
    n = len(routes)
    after = ctypes.create_string_buffer(states, len(states) or 1)
    matches = ctypes.create_string_buffer(max(len(fixes) // 6 * MATCHED.size, 1)) if told else None
    library().advance(
        rules, n, (_P * n)(*(route.address for route in routes)), after,
        (ctypes.c_int64 * n)(*counts), fixes.buffer_info()[0], matches,
    )  # fmt: skip
    return after.raw[: len(states)], matches.raw[: len(fixes) // 6 * MATCHED.size] if matches else b""


def smooth(route: Route, fixes: array[float], rules: Any) -> bytes:
    """MATCHED per fix of a whole trip. fixes: as for `advance`, all finite, their times rising."""
    n = len(fixes) // 6
    matches = ctypes.create_string_buffer(n * MATCHED.size)
    if not library().smooth(rules, route.address, n, fixes.buffer_info()[0], matches):
        raise MemoryError("no memory for the trip")
    return matches.raw


@cache
def rules(model: Model = MODEL, thresholds: Thresholds = THRESHOLDS) -> Any:
    """The constants as the library takes them."""
    values = [getattr(part, f.name) for part in (model, thresholds) for f in fields(part)]
    return (ctypes.c_double * len(values))(*values)


@cache
def library() -> Any:
    """Raises KernelMissing."""
    file = Path(__file__).with_name(name(platform.machine(), sys.platform))
    try:
        found = ctypes.CDLL(str(file))
    except OSError as error:
        raise KernelMissing(f"{error}; `make setup` builds it, for AWS `make build`") from error
    names = " ".join(f.name for part in (Model, Thresholds) for f in fields(part))
    theirs = ctypes.string_at(ctypes.addressof(ctypes.c_char.in_dll(found, "rule_names"))).decode().strip()
    size = ctypes.c_int64.in_dll(found, "state_size").value
    if theirs != names or size != STATE_BYTES:
        raise KernelMissing(f"{file.name} is of other sources than this code; `make setup` builds it anew")
    i64, double = ctypes.c_int64, ctypes.c_double
    found.route_new.restype, found.route_new.argtypes = _P, [i64, _P, _P, _P]
    found.route_free.restype, found.route_free.argtypes = None, [_P]
    found.route_passes.restype, found.route_passes.argtypes = i64, [_P, double, double, double, i64, _P]
    found.advance.restype, found.advance.argtypes = None, [_P, i64, _P, _P, _P, _P, _P]
    found.smooth.restype, found.smooth.argtypes = ctypes.c_bool, [_P, _P, i64, _P, _P]
    return found
