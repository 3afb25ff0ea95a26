"""Where the laptop stack on a port is, as its runtime announces it in `.milepost/run/<port>.json`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import orjson

FOLDER = Path(__file__).resolve().parent.parent / ".milepost" / "run"


class NotRunning(Exception):
    """No stack runs on the port; the message says how to start one."""


@dataclass(frozen=True, slots=True)
class RunState:
    """signing_keys: the SSM parameter's name."""

    base: str
    aws_endpoint: str
    region: str
    stage: str
    signing_keys: str
    fleet: str


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


def port_of(base: str) -> int:
    """The port that an address names, or that its scheme means."""
    parts = urlsplit(base)
    return parts.port or (443 if parts.scheme == "https" else 80)
