"""A function's packages for Lambda's platform, installed once for equal requirements."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from local.environments import uv
from local.trouble import Trouble

MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
# Lambda's Python from 3.12 on runs on Amazon Linux 2023, with glibc 2.34: wheels for 2.28 run there.
PLATFORMS = {arch: f"{machine}-manylinux_2_28" for arch, machine in MACHINES.items()}
EPOCH_S = 946_684_800  # 2000-01-01: every file's time, so that equal folders make equal archives
_NOTES = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"}
_INSTALL_S = 600
_RECIPE = hashlib.sha256(
    b"".join(
        Path(__file__).with_name(f"{name}.py").read_bytes() for name in ("build", "bytecode", "packages")
    )
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What decides the content of an installed folder, beside these tools. compiled: with bytecode."""

    requirements: str
    arch: str
    python: str
    compiled: bool

    @property
    def lines(self) -> list[str]:
        return sorted(line for line in self.requirements.splitlines() if line and not line.startswith("#"))

    @property
    def key(self) -> str:
        about = [_RECIPE.hexdigest(), PLATFORMS[self.arch], self.python, str(self.compiled)]
        what = "\n".join(about + self.lines)
        return hashlib.sha256(what.encode()).hexdigest()[:20]


def installed(wanted: Wanted, cache: Path, finish: Callable[[Path], None]) -> Path:
    """The folder with the packages; `finish` is called on a fresh one. Raises Trouble."""
    target = cache / wanted.key
    if target.is_dir():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".making-", dir=cache))
    try:
        if wanted.lines:
            _install(wanted, beside)
        tidy(beside)
        finish(beside)
        settle(beside)
        beside.rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return target


def missing(folder: Path, names: Iterable[str]) -> list[str]:
    """Those dotted names that no installed package provides."""
    return [name for name in names if not _provides(folder, name.split("."))]


def tidy(folder: Path) -> None:
    """Leave out what is never imported and what differs from one installation to the next."""
    shutil.rmtree(folder / "bin", ignore_errors=True)
    (folder / ".lock").unlink(missing_ok=True)
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and path.name in ("tests", "testdata", "__pycache__"):
            shutil.rmtree(path)
        elif path.parent.suffix == ".dist-info" and path.name in _NOTES:
            path.unlink()


def settle(folder: Path) -> None:
    """The same modes and times everywhere."""
    for place, _, files in os.walk(folder, topdown=False):
        for file in files:
            _same(Path(place, file), 0o644)
        _same(Path(place), 0o755)


def _same(path: Path, mode: int) -> None:
    path.chmod(mode)
    os.utime(path, (EPOCH_S, EPOCH_S))


def _install(wanted: Wanted, folder: Path) -> None:
    # --no-deps: uv.lock has said what is needed; nothing else comes in here.
    flags = ["--quiet", "--no-deps", "--only-binary", ":all:", "--python", sys.executable]
    platform = ["--python-platform", PLATFORMS[wanted.arch], "--python-version", wanted.python]
    target = ["--target", str(folder)]
    done = subprocess.run(
        [uv(), "pip", "install", *flags, *platform, *target, "-r", "-"],
        input=wanted.requirements,
        capture_output=True,
        text=True,
        timeout=_INSTALL_S,
        check=False,
    )
    if done.returncode:
        said = " ".join(done.stderr.split())[-600:]
        raise Trouble(f"The packages for {PLATFORMS[wanted.arch]} could not be installed: {said}")


def _provides(folder: Path, parts: list[str]) -> bool:
    """A package with an `__init__` answers for all below it; one without is a namespace, shared by many."""
    first, *rest = parts
    below = folder / first
    if below.is_dir() and rest and not (below / "__init__.py").is_file():
        return _provides(below, rest)
    return below.is_dir() or any(folder.glob(f"{first}.py")) or any(folder.glob(f"{first}.*so"))
