"""What was counted: quantities by name, and the sizes of what was written to each table."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field


class CannotMeasure(Exception):
    """The run was not the clean one that is to be counted."""


class NotModelled(CannotMeasure):
    """The code asks something of AWS that is not counted here yet."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not known to the meter; teach it in cli/cost/cloud")


@dataclass
class Meter:
    counts: Counter[str] = field(default_factory=Counter)
    """By `service.what` or `service.what.table`; Counter holds fractions (half read units) as well."""
    sizes: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Bytes of each item written, by table."""

    def add(self, name: str, quantity: float = 1) -> None:
        self.counts[name] += quantity  # type: ignore[assignment]
