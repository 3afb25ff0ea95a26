"""What the runtime prints: lines by function, coloured on a terminal, without a credential in them."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable
from zlib import crc32

import orjson

LINE_LIMIT = 1 << 20
_SECRETS = (
    (re.compile(r"eyJ[\w-]{6,}\.[\w-]+\.[\w-]+"), "<token>"),
    (re.compile(r"dk_[\w-]{8,}"), "dk_…"),
    (re.compile(r"((?:ticket|token|password|key)=)[^&\s\"']{8,}", re.IGNORECASE), r"\1…"),
)
_PALETTE = (36, 33, 35, 34, 32, 96, 93, 95, 94, 92)
_LEVELS = {"ERROR": 31, "CRITICAL": 31, "WARNING": 33}
# What Powertools adds to every line and nobody reads at a terminal.
_BORING = {
    "level", "message", "timestamp", "location", "service", "cold_start", "function_name",
    "function_memory_size", "function_arn", "function_request_id", "xray_trace_id", "correlation_id",
    "sampling_rate", "exception", "exception_name", "stack_trace",
}  # fmt: skip


class Log:
    def __init__(self, *, colour: bool, write: Callable[[str], object] = sys.stdout.write) -> None:
        self._colour, self._write = colour, write

    def say(self, label: str, text: str, level: str = "") -> None:
        """One line (or several) of `label`; credentials are struck out."""
        head = f"{label:<22} "
        for line in redact(text).splitlines() or [""]:
            if self._colour:
                tint = _PALETTE[crc32(label.encode()) % len(_PALETTE)]
                shown = f"\x1b[{_LEVELS[level]}m{line}\x1b[0m" if level in _LEVELS else line
                self._write(f"\x1b[{tint}m{head}\x1b[0m{shown}\n")
            else:
                self._write(f"{head}{line}\n")
        sys.stdout.flush()

    def plain(self, text: str) -> None:
        """Uncoloured, from the start of the line: what programs wait for."""
        self._write(f"{text}\n")
        sys.stdout.flush()

    def output(self, label: str, line: str) -> None:
        """A line that a function wrote."""
        level, text = readable(line)
        self.say(label, text, level)

    async def follow(self, label: str, stream: asyncio.StreamReader) -> None:
        async for line in lines(stream):
            self.output(label, line)


async def lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """Until the writer ends; of a line that is longer than the stream's limit only this is told."""
    while True:
        try:
            line = await stream.readline()
        except ValueError:
            yield "(a line too long to show)"
            continue
        if not line:
            return
        yield line.decode(errors="replace").rstrip()


def redact(text: str) -> str:
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def readable(line: str) -> tuple[str, str]:
    """Level and text of a line; a structured one (Powertools) as message and its own keys."""
    if line.startswith("{"):
        try:
            entry = orjson.loads(line)
        except orjson.JSONDecodeError:
            return "", line
        level, message = str(entry.get("level", "")), entry.get("message", "")
        text = message if isinstance(message, str) else orjson.dumps(message).decode()
        own = [f"{k}={_short(v)}" for k, v in entry.items() if k not in _BORING and not k.startswith("_")]
        trace = str(entry.get("exception") or "")
        return level, "\n".join(filter(None, [" ".join([level, text, *own]).strip(), trace]))
    level = line[1 : line.index("]")] if line.startswith("[") and "]" in line else ""
    # awslambdaric joins the lines of a traceback with \r and pads them with no-break spaces.
    text = line.replace("\r", "\n").replace("\u00a0", " ").replace("\t", " ")
    return level, text.removesuffix("\nTraceback (most recent call last):")


def _short(value: object) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= 120 else f"{text[:119]}…"
