"""The thresholds of a preview, each with its unit and its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Lengths in metres, times in seconds."""

    near_m: float = 20.0
    """Two parts of the route so near are one to a phone: twice the error of an ordinary fix."""
    apart_m: float = 60.0
    """Along the line, places nearer than this are the same part: beyond 3 × near_m a bend is a way back."""
    stretch_m: float = 100.0
    """Shorter overlaps are crossings: at 25 degrees two streets are within near_m over 95 m."""
    sample_m: float = 10.0
    """Overlap is looked for so often along the line: half of near_m ..."""
    samples: int = 50_000
    """... but no more often than this in all: 500 km at 10 m, which takes a third of a second ..."""
    looks: float = 3e6
    """... and, where many legs lie close together, until about so many were looked at: two seconds."""
    crowd_m: float = 50.0
    """Legs are counted in squares of this size: as wide as what one look reaches."""
    turn_degrees: float = 150.0
    """A sharper turn is a way back, or a point out of place; the hairpins of mountain roads keep below it."""
    arm_m: float = 15.0
    """A turn is between the directions so far before and behind a vertex: less is a recording's noise."""
    gap_m: float = 2_000.0
    """Longer than straight stretches of road are: a recording's gap, or corners that were not drawn."""
    ends_m: float = 40.0
    """Start and end so near are one place; arrival is judged within this (geo/arrival.py)."""
    listed: int = 50
    """So many of a kind are listed, the worst ones: more say nothing more."""


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Pace:
    """How a duration is expected: the length at a speed, and a dwell at each stop."""

    speed_mps: float = 4.0
    """14 km/h, over lights and junctions: a bicycle or a scooter in a town."""
    dwell_s: float = 180.0
    """Parking, the door, a signature."""
    wait_s: float = 1_800.0
    """A courier who comes early waits so long at most until a stop opens."""


PACE = Pace()
