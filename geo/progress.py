"""Off the route, stalled, reached: what takes evidence over time. Arrival is in geo/arrival.py."""

from __future__ import annotations

from dataclasses import dataclass

from geo.arrival import SURE
from geo.state import STALL_M


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Frozen; what geo/kernel/match.c decides ping by ping."""

    off_route_m: float = 60.0
    """Entered beyond this: a block's depth, more than an ordinary fix ever errs ..."""
    off_route_sigmas: float = 3.0
    """... or than an inaccurate one may."""
    on_route_m: float = 40.0
    """Left within this, so that a courier along the edge does not flicker."""
    off_route_pings: float = 3
    """Evidence to enter: outliers come alone, seldom in pairs."""
    stall_mean_s: float = 60.0
    """With stall_m: slower than 0.7 m/s is no progress."""
    stall_m: float = STALL_M
    sure: float = SURE
    """Confidence from which progress counts as reached."""
    pace_first_s: float = 60.0
    """What couriers do on the whole is worth so much riding of this one, for its pace ..."""
    pace_memory_s: float = 900.0
    """... which is taken over so long: some stops and some streets."""


THRESHOLDS = Thresholds()
