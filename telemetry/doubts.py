"""What makes a ping doubtful: the phone says that it is mock, or nobody rides so fast. Counted and kept.

A ping is implausible when the straight line from the one before, of the same phone, less both accuracies is
longer than FASTEST_MPS brings one in the time between. Two phones of one courier may be in two places, so
each is looked at alone. docs/decisions/0023 has the reasons.
"""

from __future__ import annotations

from telemetry.columns import Doubts, count_doubts
from telemetry.history import Sightings
from telemetry.pings import Pings

FASTEST_MPS = 70.0  # 252 km/h: half as much again as the fastest that a matcher learns from (geo/model.py)
LEAST_S = 1.0  # a phone may give two fixes within milliseconds, of two receivers
UNKNOWN_DM = 1_000  # 100 m, a position from cells and Wi-Fi: an accuracy that is not stated


def doubts(pings: Pings, start: int = 0) -> Doubts:
    """Among one phone's pings, in order of time, from index `start` on; those before it only lead there."""
    return count_doubts(pings, start, fastest_mps=FASTEST_MPS, least_s=LEAST_S, unknown_dm=UNKNOWN_DM)


def all_doubts(sightings: Sightings) -> Doubts:
    """Of a whole trip, each phone by itself."""
    found = [doubts(part.pings) for part in sightings.parts]
    return Doubts(sum(d.mock for d in found), sum(d.implausible for d in found))
