"""A ping, what was said of it, and the colours in which plots tell it."""

from __future__ import annotations

from dataclasses import dataclass

from geo.arrival import SURE
from geo.match import Matched
from geo.state import Fix

GRID, INK = "#e8edf3", "#334155"
ROUTE, PING, UNSURE, LINK, OUTLIER = "#9aa4b2", "#2563eb", "#93b4f5", "#047857", "#dc2626"
OFF, SHADE, STOP = "#d97706", "#fde9c8", "#7c3aed"


@dataclass(frozen=True)
class Told:
    """A ping, and what was said of it."""

    fix: Fix
    match: Matched
    at_stop: bool

    @property
    def colour(self) -> str:
        if not self.match.on_route:
            return OFF
        if self.match.outlier:
            return OUTLIER
        if self.at_stop:
            return STOP
        return PING if self.match.confidence >= SURE else UNSURE
