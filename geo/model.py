"""The matcher's model: every constant with its unit and where it comes from.

A courier moves along the line with a speed that wanders around its own mean (an Ornstein-Uhlenbeck process):
over short times the last speed counts, over a gap the mean one. A fix lies off its true place by a Gaussian
with heavy tails, or is an outlier and says nothing. Rarely the courier skips a part of the route.

The values were first set by what they mean, then moved together for the least sum of errors over simulated
riders (on foot, bicycle, scooter, car, bus; stops of 10 to 240 s; gaps, outliers, drifting multipath) and
the recorded development sets. docs/decisions/0012-matcher.md tells more.
"""

from __future__ import annotations

from dataclasses import dataclass

from geo.state import HYPOTHESES


@dataclass(frozen=True, slots=True)
class Model:
    """Frozen. Lengths in metres, times in seconds, likelihoods as natural logarithms."""

    hypotheses: float = HYPOTHESES
    """Kept from one fix to the next."""

    # The fix
    unknown_m: float = 8.0
    """1 sigma an axis where the phone states no accuracy: an ordinary phone in a street."""
    drawing_m: float = 5.0
    """1 sigma of the line as drawn: the courier rides in a lane or on a pavement beside it."""
    noise_gain: float = 0.12
    """Weight of the newest fix in the mean square of the offsets: about eight fixes are remembered."""
    noise_share: float = 0.95
    """A fix is trusted no more than the offsets of late allow: between high houses a phone states 4 m and
    errs by 40.
    """
    tail: float = 2.2
    """Standard errors beyond which the likelihood falls exponentially, not as a Gaussian (Huber)."""
    outlier_log: float = -18.5
    """P(outlier) 2 % × one place in a circle of 300 m [1/m²], where a match weighs along [1/m] × across
    [1/m].
    """
    heading_log: float = 1.5
    """Likelihood lost where the stated heading is square to the line; twice that where it is opposite."""
    heading_mps: float = 2.0
    """Below this stated speed a phone's heading is noise."""

    # The beginning
    start_m: float = 300.0
    """A trip begins near the route's beginning: mean of an exponential ..."""
    elsewhere: float = 0.1
    """... and this share joins anywhere."""
    cruise_mps: float = 2.0
    """Cruising speed of a courier of whom nothing is known: between walking and cycling ..."""
    cruise_weight_s: float = 8.0
    """... worth so much riding: one ping already says more."""
    unknown_mps: float = 22.0
    """Error of that guess, which falls as the guess is replaced: it may be a scooter on a highway."""
    moving: float = 0.62
    """Share of the cruising speed that remains over lights, junctions and hand-overs ..."""
    moving_weight_s: float = 1600.0
    """... worth so much riding: a courier's stops so far say little about the next ones."""

    # The ride
    fastest_mps: float = 45.0
    """Faster than any road vehicle that we serve: no speed is learnt from that."""
    first_speed_s: float = 4.0
    speed_memory_s: float = 60.0
    """Span over which the present speed is taken, at first and later: one fix's error must not make a
    speed.
    """
    cruise_memory_s: float = 370.0
    """Span over which the cruising speed is taken: some blocks."""
    cruise_share: float = 0.75
    """Below this share of the cruising speed the courier is stopping, which says nothing of its cruising."""
    slow_s: float = 18.0
    """A gap's mean speed below the cruising speed counts as no more than this: it may hold stops."""
    moving_memory_s: float = 6000.0
    """Span over which the share of moving is taken."""
    skew: float = 0.125
    """The likeliest mean speed over a gap lies this share of the way from the mean to the cruising speed:
    few long stops make the mean, most gaps have none."""
    mean_return_s: float = 53.0
    """Time after which the present speed says little about the next: from one light to another."""
    spread_share: float = 0.45
    spread_mps: float = 0.8
    """Spread of the speed around its mean: stop and go, as a share of the cruising speed, and in itself."""
    mean_error: float = 0.24
    """Relative error of the mean speed over a gap."""
    travel_tail: float = 2.5
    """Standard errors of travel beyond which the likelihood falls exponentially."""
    back_sigmas: float = 1.6
    back_tail: float = 5.0
    """Back along the line nobody travels: only the fixes' errors, so many sigmas wide, carry a match
    there.
    """
    skip_log: float = -8.0
    """P(a part of the route was skipped) a ping, spread over the length of the route ..."""
    return_log: float = -10.0
    """... and back along it: a correction of our own errors rather than travel."""

    # What is said of it
    forward_margin: float = 0.2
    back_margin: float = 4.5
    """Log odds by which another hypothesis must beat the reported one, ahead of it or behind it."""
    near_m: float = 50.0
    """Confidence is the share of all hypotheses within this of the reported one."""
    coast_m: float = 30.0
    """An outlier is reported where the courier should be by now, at most this far on."""
    prune_log: float = -17.0
    """Hypotheses less likely than this against the best are dropped."""
    apart_m: float = 15.0
    """Hypotheses nearer than this are one."""


MODEL = Model()
