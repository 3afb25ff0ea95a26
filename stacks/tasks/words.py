"""How answers write things for people."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(ms: int) -> str:
    """A time [ms, Unix] as the API takes it, and as people read it."""
    return f"{ms / 1000} ({datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC)"
