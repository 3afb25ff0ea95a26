"""Shared libraries that stand beside the C sources that they are built from.

`python -m tools.compiled` (part of `make setup`) builds them for this machine, `make build` for Lambda's.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from pathlib import Path

_MACHINES = {"amd64": "x86_64"}


class NotCompiled(RuntimeError):
    """The library is not there, or of other sources than the code that calls it."""


def name(machine: str, system: str) -> str:
    """The library's file for a machine as `platform` and `sys` name them."""
    machine = machine.lower()
    return f"{_MACHINES.get(machine, machine)}-{system}.so"


def load(folder: Path) -> ctypes.CDLL:
    """Raises NotCompiled."""
    file = folder / name(platform.machine(), sys.platform)
    try:
        return ctypes.CDLL(str(file))
    except OSError as error:
        raise NotCompiled(f"{error}; `make setup` builds it, for AWS `make build`") from error
