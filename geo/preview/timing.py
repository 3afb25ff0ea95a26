"""When a courier is expected where, and from which starts every stop is open.

Method: the length at one speed, and a dwell at each stop before. Hours are compared on days of 24 hours: on
the two days a year on which clocks change, arrivals may be an hour off.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo.hours import DAY, Hours
from geo.preview.limits import Pace

STARTS = np.arange(DAY, dtype=np.float64)
"""Every minute of a day."""


def duration_s(length_m: float, stops: int, pace: Pace) -> float:
    return length_m / pace.speed_mps + stops * pace.dwell_s


def arrivals_s(along_m: Sequence[float], pace: Pace) -> list[float]:
    """Since the start, at stops in order; nobody waits."""
    return [duration_s(along, i, pace) for i, along in enumerate(along_m)]


class Starts:
    """Every minute of a day as a start, and which of them have met the hours so far."""

    def __init__(self) -> None:
        self._now = STARTS.copy()
        self._met = np.ones(DAY, dtype=bool)

    def go_on(self, seconds: float) -> None:
        self._now = (self._now + seconds / 60) % DAY

    def stop(self, hours: Hours, wait_s: float) -> bool:
        """Arrive, and wait where it opens soon. False, and nothing changed, where no start is left."""
        wait = (hours.opens - self._now) % DAY
        is_open = (self._now - hours.opens) % DAY <= hours.length
        early = ~is_open & (wait <= wait_s / 60)
        met = self._met & (is_open | early)
        if not met.any():
            return False
        self._met = met
        self._now = np.where(early, hours.opens, self._now)
        return True

    def ranges(self) -> list[tuple[int, int]]:
        """First and last minute of each range; over midnight the last is the smaller."""
        if self._met.all():
            return [(0, DAY - 1)]
        edges = (
            np.flatnonzero(self._met & ~np.roll(self._met, 1)),
            np.flatnonzero(self._met & ~np.roll(self._met, -1)),
        )
        firsts, lasts = (edge.tolist() for edge in edges)
        return [(first, next((it for it in lasts if it >= first), lasts[0])) for first in firsts]


def met(along_m: Sequence[float], hours: Sequence[Hours | None], pace: Pace) -> tuple[Starts, list[int]]:
    """The starts from which the stops are open, but for those that, with the stops before them, never are."""
    starts, unmet, gone = Starts(), [], 0.0
    for i, (along, said) in enumerate(zip(along_m, hours, strict=True)):
        starts.go_on((along - gone) / pace.speed_mps)
        gone = along
        if said and not starts.stop(said, pace.wait_s):
            unmet.append(i)
        starts.go_on(pace.dwell_s)
    return starts, unmet
