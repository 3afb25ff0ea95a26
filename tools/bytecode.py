"""Bytecode for the runtime: /var/task is read-only, so that without it every cold start compiles anew."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from local.environments import uv
from local.trouble import Trouble

_ASK_S = 10
_FETCH_S = 120
_COMPILE_S = 300


def interpreter(version: str, home: Path, *, fetch: bool) -> Path | None:
    """A Python of `version` ("3.13") on this machine or, with `fetch`, one brought into `home`."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return Path(sys.executable)
    for candidate in _on_path(version):
        if _version(candidate) == version:
            return candidate
    if fetch and _uv(home, "install", "--quiet", version) is None:
        return None
    found = _uv(home, "find", "--quiet", "--managed-python", "--no-python-downloads", "--no-project", version)
    return Path(found) if found else None


def compile_all(python: Path, folder: Path) -> None:
    """Beside each source, valid whatever the source's time; the paths in it are Lambda's. Raises Trouble."""
    flags = ["-q", "--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", "/var/task"]
    done = subprocess.run(
        [python, "-m", "compileall", *flags, folder],
        env={"PYTHONHASHSEED": "0"},  # the order of a frozenset's members is part of the bytecode
        capture_output=True,
        text=True,
        timeout=_COMPILE_S,
        check=False,
    )
    if done.returncode:
        raise Trouble(f"{python} could not compile the code: {done.stdout.strip()[-600:]}")


def _on_path(version: str) -> Iterator[Path]:
    """Not only the first: a version manager's shim may stand for nothing."""
    for folder in os.get_exec_path():
        if found := shutil.which(f"python{version}", path=folder):
            yield Path(found)


def _version(python: Path) -> str:
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", ask], capture_output=True, text=True, timeout=_ASK_S, check=False)
    return done.stdout.strip()


def _uv(home: Path, *arguments: str) -> str | None:
    """What `uv python …` says; None when it fails, as it soon does without the network."""
    env = os.environ | {"UV_PYTHON_INSTALL_DIR": str(home)}
    env |= {"UV_HTTP_RETRIES": "0", "UV_HTTP_CONNECT_TIMEOUT": "3", "UV_PYTHON_INSTALL_BIN": "0"}
    command = [uv(), "python", *arguments]
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=_FETCH_S, check=False)
    except subprocess.TimeoutExpired:
        return None
    return None if done.returncode else done.stdout.strip()
