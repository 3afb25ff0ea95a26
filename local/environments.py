"""Python environments by content: equal requirements share one, and nothing is installed twice.

A function runs with its requirements.txt and nothing else, so that a missing requirement fails on the
laptop as it would on AWS. AWS's runtime client lies in a folder of its own beside them.
"""

# ruff: noqa: ASYNC240 (a look at the disk while starting holds nobody up)
from __future__ import annotations

import asyncio
import hashlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from local.logs import Log
from local.trouble import Trouble

RUNTIME_REQUIREMENTS = Path(__file__).parent / "worker" / "requirements.txt"
_INSTALL_S = 600.0

Make = Callable[[Path, Path], Awaitable[None]]
"""Fills a folder (second) from a requirements file (first)."""


class Environments:
    def __init__(self, folder: Path, log: Log) -> None:
        self.folder, self._log = folder, log
        self._making: dict[str, asyncio.Task[Path]] = {}

    async def python(self, requirements: Path) -> Path:
        """The interpreter of the environment for this file, made when there is none. Raises Trouble."""
        if not requirements.exists():
            raise Trouble(f"{requirements} is missing; `make requirements` writes it.")
        made = await self._once(requirements, _make_environment)
        return made / "bin" / "python"

    async def runtime_client(self) -> Path:
        """The folder that holds awslambdaric, to be put last on the path."""
        return await self._once(RUNTIME_REQUIREMENTS, _make_folder)

    async def _once(self, requirements: Path, make: Make) -> Path:
        target = self.folder / key(requirements.read_bytes())
        if target.exists():
            return target
        making = self._making.get(target.name)
        if making is None or making.done():
            self._log.say("runtime", f"installing {os.path.relpath(requirements)}, once")
            making = self._making[target.name] = asyncio.create_task(_in_place(requirements, target, make))
        return await asyncio.shield(making)


def key(requirements: bytes) -> str:
    """Names an environment by what decides its content: requirements, Python and platform."""
    lines = sorted(
        line for line in requirements.decode().splitlines() if line.strip() and not line.startswith("#")
    )
    what = "\n".join([platform.python_version(), platform.platform(terse=True), platform.machine(), *lines])
    return hashlib.sha256(what.encode()).hexdigest()[:20]


async def _in_place(requirements: Path, target: Path, make: Make) -> Path:
    """Make it beside and rename it, so that a half-made environment is never found."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".making-", dir=target.parent))
    try:
        await make(requirements, beside)
        try:
            beside.rename(target)
        except OSError:
            if not target.exists():  # another runtime may have made the same one meanwhile
                raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return target


async def _make_environment(requirements: Path, folder: Path) -> None:
    await _uv(
        requirements,
        "venv",
        "--quiet",
        "--relocatable",
        "--allow-existing",
        "--python",
        sys.executable,
        str(folder),
    )
    await _uv(
        requirements,
        "pip",
        "install",
        "--quiet",
        "--python",
        str(folder / "bin" / "python"),
        "-r",
        str(requirements),
    )


async def _make_folder(requirements: Path, folder: Path) -> None:
    # Elsewhere than on Linux the client's C part has no wheel: take Linux's and let worker/portable stand in.
    foreign = (
        []
        if sys.platform == "linux"
        else ["--python-platform", "x86_64-manylinux_2_28", "--only-binary", ":all:"]
    )
    target = ["--python", sys.executable, "--target", str(folder)]
    await _uv(requirements, "pip", "install", "--quiet", *foreign, *target, "-r", str(requirements))


def uv() -> str:
    beside = Path(sys.executable).parent / "uv"
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        raise Trouble("uv is missing; `make run` installs it into .venv, or see https://docs.astral.sh/uv/.")
    return found


async def _uv(requirements: Path, *arguments: str) -> None:
    env = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    child = await asyncio.create_subprocess_exec(
        uv(),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=env,
        start_new_session=True,
    )
    try:
        said, _ = await asyncio.wait_for(child.communicate(), _INSTALL_S)
    except BaseException:
        if child.returncode is None:
            child.kill()
        raise
    if child.returncode:
        last = " ".join(said.decode(errors="replace").split())[-600:]
        raise Trouble(f"The requirements in {requirements} could not be installed: {last}")
