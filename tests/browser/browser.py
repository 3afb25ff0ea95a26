"""A Chromium to test in, wherever there is one; brought where there is none, never skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",  # else 2D canvases are drawn through the software GPU, forty times slower
    "--enable-unsafe-swiftshader",  # WebGL without a GPU
)
INSTALL_S = 600


class NoBrowser(Exception):
    """No Chromium was found and none could be brought; the message says how to get one."""


def find_browser() -> Path:
    """MILEPOST_BROWSER, else a Chromium or Chrome of the system, else Playwright's own, else apt's.

    Raises NoBrowser.
    """
    if named := os.environ.get("MILEPOST_BROWSER"):
        if not (path := Path(named)).exists():
            raise NoBrowser(f"MILEPOST_BROWSER={named} does not exist; name the executable of a Chromium.")
        return path
    tried: list[str] = []
    for way in (_of_the_system, _of_playwright, _from_apt):
        if path := way(tried):
            return path
    said = "; ".join(tried)
    raise NoBrowser(
        "The browser tests need Chromium or Chrome. Install one (Debian, Ubuntu: apt-get install chromium) "
        f"or name one: MILEPOST_BROWSER=/path/to/chromium. Tried without success: {said}."
    )


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium until the block ends."""
    path = find_browser()  # may start a Playwright of its own, which must have ended
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield started
        finally:
            started.close()


def _of_the_system(tried: list[str]) -> Path | None:
    tried.append("PATH")
    found = (shutil.which(name) for name in NAMES)
    return next((Path(path) for path in (*found, *MAC) if path and Path(path).exists()), None)


def _of_playwright(tried: list[str]) -> Path | None:
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    if not path.exists():
        _run(tried, sys.executable, "-m", "playwright", "install", "chromium")
    return path if path.exists() and _starts(path, tried) else None


def _from_apt(tried: list[str]) -> Path | None:
    if not shutil.which("apt-get") or os.geteuid() != 0:
        tried.append("apt-get (needs root)")
        return None
    _run(tried, "apt-get", "update", "-q")
    _run(tried, "apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium")
    return _of_the_system(tried)


def _starts(path: Path, tried: list[str]) -> bool:
    """Playwright's Chromium may lack the system's libraries."""
    return _run(tried, str(path), "--headless", "--no-sandbox", "--version")


def _run(tried: list[str], *command: str) -> bool:
    tried.append(" ".join(command[:4]))
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=INSTALL_S)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
