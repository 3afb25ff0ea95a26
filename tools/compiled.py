"""Compile the C sources for this machine or another: the same sources give the same library.

The compiler comes as a Python package, so that nobody has to install one, and it compiles for every machine
that the code runs on: `make build` on a laptop makes Lambda's library. docs/decisions/0013 tells why C.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

from geo.compiled import name
from local.trouble import Trouble

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (Path("geo", "kernel"), Path("telemetry", "columns"))
"""Packages with C sources; each gets a library of its own beside them."""
# The oldest C library that Lambda's Python runtimes and ordinary laptops have.
TARGETS = {
    ("x86_64", "linux"): "x86_64-linux-gnu.2.26",
    ("aarch64", "linux"): "aarch64-linux-gnu.2.26",
    ("x86_64", "darwin"): "x86_64-macos",
    ("arm64", "darwin"): "aarch64-macos",
}
# No fused multiply-add: the same answers on every machine.
FLAGS = ("-std=c11", "-O3", "-shared", "-fPIC", "-fvisibility=hidden", "-ffp-contract=off", "-s")
WARNINGS = ("-Wall", "-Wextra", "-Werror")
_COMPILE_S = 300


def library(folder: Path, machine: str, system: str) -> Path:
    """A package's library for a machine, compiled where its sources are newer. Raises Trouble."""
    target = folder / name(machine, system)
    sources = sorted(folder.glob("*.[ch]"))
    made = target.stat().st_mtime_ns if target.exists() else 0
    if made < max(file.stat().st_mtime_ns for file in (*sources, Path(__file__))):
        _compile([file for file in sources if file.suffix == ".c"], (machine, system), target)
    return target


def _compile(sources: list[Path], machine: tuple[str, str], target: Path) -> None:
    if machine not in TARGETS:
        known = ", ".join(" on ".join(pair) for pair in TARGETS)
        raise Trouble(f"The libraries are built for {known}; this is {' on '.join(machine)}.")
    cache = str(ROOT / ".cache" / "compiler")
    beside = target.with_name(f".{os.getpid()}-{target.name}")
    command = [sys.executable, "-m", "ziglang", "cc", "-target", TARGETS[machine], *FLAGS, *WARNINGS]
    done = subprocess.run(
        [*command, "-o", str(beside), *map(str, sources), "-lm"],
        env=os.environ | {"ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache},
        capture_output=True, text=True, timeout=_COMPILE_S, check=False,
    )  # fmt: skip
    if done.returncode:
        beside.unlink(missing_ok=True)
        raise Trouble(f"A library could not be compiled: {done.stderr.strip()[-2000:]}")
    beside.replace(target)


def main() -> int:
    try:
        for folder in FOLDERS:
            library(ROOT / folder, platform.machine(), sys.platform)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
