"""The offline matcher: a whole trip at once, by the model of the live one.

The likeliest path through the hypotheses (Viterbi): what the live matcher could only guess at a ping, the
pings after it decide. A pure function of the set of pings and the route.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from geo import kernel
from geo.match import Matched, columns_of, matched
from geo.model import MODEL, Model
from geo.reaching import BRISK_MPS
from geo.route import CompiledRoute
from geo.state import Fix

PATIENT = replace(MODEL, hypotheses=24, prune_log=-60.0)
"""There is no state to pack, and what seems unlikely now may be right in the end."""
SETTING_OUT_S = 30.0
"""A phone is first heard so soon after the start."""


def smooth(route: CompiledRoute, fixes: Sequence[Fix], began: float | None = None) -> list[Matched]:
    """One result a fix, in the given order, whatever that is. began: when the ride did [s, Unix]; None for
    with its first fix.

    Outliers lie between their neighbours by time. Of fixes of one time the most accurate counts, and what
    is not finite counts for nothing; both are told what is known of their time.
    """
    best: dict[float, Fix] = {}
    for fix in sorted(filter(_finite, fixes), key=_rank):
        best.setdefault(fix.t, fix)
    if not best:
        return [Matched(0.0, 0.0, 0.0, on_route=True, confidence=0.0, outlier=True) for _ in fixes]
    times = list(best)
    model = PATIENT if began is None else _late(min(best) - began)
    found = matched(kernel.smooth(route.searchable, columns_of(best.values()), kernel.rules(model)))
    ranks = [_rank(fix) for fix in best.values()]

    def told(fix: Fix) -> Matched:
        at = _nearest(times, fix.t)
        return found[at] if ranks[at] == _rank(fix) else found[at]._replace(outlier=True)

    return [told(fix) for fix in fixes]


def _late(unheard_s: float) -> Model:
    """Who may have ridden for a while when the phone is first heard need not be near the route's beginning:
    start_m is a mean, and of what can be ridden in that time, from nothing on, the mean is the half.
    """
    ridden_m = max(unheard_s - SETTING_OUT_S, 0.0) * BRISK_MPS / 2
    return replace(PATIENT, start_m=PATIENT.start_m + ridden_m)


def _rank(fix: Fix) -> tuple[float, ...]:
    """Sorts by time and, of one time, the best first; equal for equal fixes only."""
    said = (fix.t, fix.accuracy_m, fix.lat, fix.lon, fix.speed_mps, fix.heading_deg)
    return tuple(v if math.isfinite(v) else math.inf for v in said)


def _finite(fix: Fix) -> bool:
    return math.isfinite(fix.t) and math.isfinite(fix.lat) and math.isfinite(fix.lon)


def _nearest(times: Sequence[float], t: float) -> int:
    """Index of the time nearest to t; the first where t is none."""
    if not math.isfinite(t):
        return 0
    at = bisect_left(times, t)
    around = [i for i in (at - 1, at) if 0 <= i < len(times)]
    return min(around, key=lambda i: abs(times[i] - t))
