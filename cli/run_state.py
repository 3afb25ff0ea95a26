"""Where the laptop stack on a port is, as its runtime announces it in `.milepost/run/<port>.json`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from telemetry.clock import Course, use

LAPTOP = ("127.0.0.1", "localhost", "::1")
FOLDER = Path(__file__).resolve().parent.parent / ".milepost" / "run"


class NotRunning(Exception):
    """No stack runs on the port; the message says how to start one."""


@dataclass(frozen=True, slots=True)
class RunState:
    """signing_keys: the SSM parameter's name; clock: how the stack's runs (telemetry.clock.Course).
    scheduler_endpoint, bus_endpoint: of what the runtime answers itself.
    """

    base: str
    aws_endpoint: str
    region: str
    stage: str
    signing_keys: str
    fleet: str
    clock: str = str(Course())
    scheduler_endpoint: str = ""
    bus_endpoint: str = ""


def read(port: int, folder: Path = FOLDER) -> RunState:
    """Raises NotRunning."""
    file = folder / f"{port}.json"
    try:
        return RunState(**orjson.loads(file.read_bytes()))
    except FileNotFoundError:
        raise NotRunning(
            f"No Milepost stack runs on port {port}; start one with `make run PORT={port}`, "
            "or say on which port it is: PORT=…"
        ) from None
    except (orjson.JSONDecodeError, TypeError) as error:
        raise NotRunning(f"{file} is not what `make run` writes ({error}); start the stack again.") from None


def keep_time(base: str, folder: Path = FOLDER) -> None:
    """Follow the clock of the laptop's stack at `base` from now on; any other stack's is the world's."""
    if urlsplit(base).hostname in LAPTOP:
        with suppress(NotRunning):
            use(Course.parse(read(port_of(base), folder).clock))


def port_of(base: str) -> int:
    """The port that an address names, or that its scheme means."""
    parts = urlsplit(base)
    return parts.port or (443 if parts.scheme == "https" else 80)
