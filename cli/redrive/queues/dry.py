"""Ports that take everything and do nothing: a dry run reads all that a real one reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from storage.bus import Event


class NoTimers:
    def set(self, name: str, at: float, event: Mapping[str, Any]) -> None: ...

    def repeat(self, name: str, cron: str, zone: str, event: Mapping[str, Any]) -> None: ...

    def cancel(self, name: str) -> None: ...


class NoBus:
    def put(self, _events: Sequence[Event]) -> list[int]:
        return []


class NoLetters:
    def send(self, bodies: Sequence[str], delay_s: float = 0.0) -> None: ...

    def later(self, receipt: str, seconds: float) -> None: ...
