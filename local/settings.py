"""The runtime's settings, read once from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.trouble import Trouble

ACCOUNT = "000000000000"
SECRET = "local"  # noqa: S105 - the emulator's; it checks it where an address is signed
HOST = "127.0.0.1"
STAGE = "dev"
FLEET = "demo"
FASTEST = 3600


@dataclass(frozen=True, slots=True)
class Settings:
    root: Path
    """The project's folder: template.yaml and stacks/ are below it."""
    port: int = 8080
    demo: bool = True
    poll_s: float = 0.05
    """How long an event source waits before it asks an empty shard again; AWS: 1 s, DynamoDB Streams 0.25."""
    workers: int = 2
    """At most so many processes a function; its reserved concurrency may say fewer."""
    region: str = "us-east-1"
    partition: str = "aws"
    tiles: str | None = None
    style: str | None = None
    attribution: str | None = None
    colour: bool = False
    times: float = 1.0
    """How fast the clock of functions, timers and replay runs."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Of the templates, in place of their defaults."""

    @property
    def base(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def state(self) -> Path:
        """Everything that the runtime writes: environments, translated templates, run files."""
        return self.root / ".milepost"

    @classmethod
    def from_env(cls, env: Mapping[str, str], root: Path, *, colour: bool) -> Settings:
        """Raises Trouble that names the variable."""
        return cls(
            root=root,
            port=_number(env, "PORT", 8080, 1, 65_535),
            demo=env.get("DEMO", "1") not in ("0", "no", "false", ""),
            poll_s=_number(env, "POLL_MS", 50, 1, 60_000) / 1000,
            workers=_number(env, "WORKERS", 2, 1, 64),
            region=env.get("REGION", "us-east-1"),
            partition=env.get("PARTITION", "aws"),
            tiles=env.get("TILES") or None,
            style=env.get("STYLE") or None,
            attribution=env.get("ATTRIBUTION") or None,
            colour=colour,
            times=_times(env),
            parameters=_parameters(env),
        )


def _times(env: Mapping[str, str]) -> float:
    text = env.get("CLOCK") or "1x"
    if not (re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?x", text) and 1 <= float(text[:-1]) <= FASTEST):
        raise Trouble(f"CLOCK={text} is not from 1x to {FASTEST}x; for example CLOCK=60x, a minute a second.")
    return float(text[:-1])


def _parameters(env: Mapping[str, str]) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in env.get("PARAMETERS", "").split()]
    if not all(name and equals for name, equals, _ in pairs):
        raise Trouble("PARAMETERS is not as in PARAMETERS='GraceSeconds=60 DeviceUploadsBurst=100'.")
    return {name: value for name, _, value in pairs}


def _number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise Trouble(
            f"{name}={text} is not a whole number from {low} to {high}; for example {name}={default}."
        )
    return int(text)
