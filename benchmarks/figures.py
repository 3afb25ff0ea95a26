"""Percentiles and tables, the same in every benchmark."""

from __future__ import annotations

from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank. share: 0..1."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def line(name: str, *figures: str) -> None:
    print(f"  {name:<44}" + "".join(f"{figure:>16}" for figure in figures))


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
