"""What the phones experience, counted while they send."""

from __future__ import annotations

import math
from array import array
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

RECENT = 1000  # uploads that the progress bar's percentiles look back on


@dataclass
class Figures:
    """took_s: from the first try's sending to the acknowledgement's arrival, waits included."""

    enlisted: int = 0
    uploads: int = 0
    pings: int = 0
    acknowledged: int = 0
    rejected: int = 0
    refused: int = 0
    again: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    """Why uploads, pings or requests were not taken for good."""
    trips: int = 0
    took_s: array[float] = field(default_factory=lambda: array("d"))
    recent_s: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))

    def sent(self, pings: int) -> None:
        self.uploads += 1
        self.pings += pings

    def done(self, pings: int, rejected: int, took_s: float) -> None:
        self.acknowledged += pings - rejected
        self.rejected += rejected
        self.took_s.append(took_s)
        self.recent_s.append(took_s)

    def failed(self, reason: str) -> None:
        self.refused += 1
        self.reasons[reason] += 1


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank; nan of nothing. share: 0..1."""
    if not values:
        return math.nan
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]
