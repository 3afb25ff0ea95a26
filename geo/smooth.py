"""The offline matcher: a whole trip at once, by the model of the live one.

The likeliest path through the hypotheses (Viterbi), kept to BEAM of them; what the live matcher could only
guess at a ping, the pings after it decide. A pure function of the set of pings and the route.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geo.candidates import Candidates, Sought, find
from geo.ellipsoid import Floats
from geo.index import Ints
from geo.lockstep import DEAD, Hypotheses, Seen, sigma_of, weigh
from geo.match import Matched, Pings, heading_loss, listed
from geo.model import MODEL
from geo.progress import OFF_ROUTE_M, OFF_ROUTE_PINGS, OFF_ROUTE_SIGMAS
from geo.route import CompiledRoute
from geo.state import Fix

BEAM = 24  # four times the live matcher's: there is no state to pack
PATIENT = replace(MODEL, prune_log=-60.0)  # and what seems unlikely now may be right in the end


def smooth(route: CompiledRoute, fixes: Sequence[Fix]) -> list[Matched]:
    """One result a fix, in the given order, whatever that is.

    Outliers lie between their neighbours by time. Of fixes of one time the most accurate counts, and what
    is not finite counts for nothing; both are told what is known of their time.
    """
    ranks = [_rank(fix) for fix in fixes]
    used: dict[float, tuple[float, ...]] = {}
    for rank, fix in sorted(zip(ranks, fixes, strict=True), key=lambda pair: pair[0]):
        if _finite(fix):
            used.setdefault(fix.t, rank)
    if not used:
        return [Matched(0.0, 0.0, 0.0, on_route=True, confidence=0.0, outlier=True) for _ in fixes]
    by_rank = dict(zip(ranks, fixes, strict=True))
    found = _path(route, Pings.of([by_rank[rank] for rank in used.values()]))
    place = {rank: i for i, rank in enumerate(used.values())}
    times = np.array(list(used))
    beside = [int(np.argmin(np.abs(times - fix.t))) if math.isfinite(fix.t) else 0 for fix in fixes]
    return [
        found[place[rank]] if rank in place else found[near]._replace(outlier=True)
        for rank, near in zip(ranks, beside, strict=True)
    ]


def _rank(fix: Fix) -> tuple[float, ...]:
    """Sorts by time and, of one time, the best first; equal for equal fixes only."""
    said = (fix.lat, fix.lon, fix.speed_mps, fix.heading_deg)
    finite = (v if math.isfinite(v) else math.inf for v in (fix.t, fix.accuracy_m, *said))
    t, *rest = finite
    return (t, not _finite(fix), *rest)


def _finite(fix: Fix) -> bool:
    return math.isfinite(fix.t) and math.isfinite(fix.lat) and math.isfinite(fix.lon)


@dataclass(frozen=True)
class _Forward:
    """m × k per ping: along [m], parent row, offset [m; inf an outlier]; the last ping's weights."""

    along: Floats
    parent: Ints
    offset: Floats
    weight: Floats


def _path(route: CompiledRoute, pings: Pings) -> list[Matched]:
    arena = route.arena
    slot = np.full(len(pings.t), arena.slot(route))
    places = find(arena.flat, Sought(slot, pings.lon, pings.lat, pings.accuracy))
    forward = _forward(route, pings, places)
    rows, along, offset = _backtracked(forward)
    matched = offset < np.inf
    path = np.interp(pings.t, pings.t[matched], along[matched]) if matched.any() else np.zeros(len(along))
    on_route = ~_away(places.nearest, sigma_of(pings.accuracy))
    mass = np.exp(forward.weight)
    near = np.abs(forward.along[np.arange(len(along))[:, None], rows] - along[:, None]) < MODEL.near_m
    confidence = (near * mass).sum(axis=1) / max(mass.sum(), 1e-9) if mass.sum() > 0 else np.zeros(len(along))
    told = np.where(matched, offset, places.nearest)
    columns = (path, path / route.length_m, told, on_route, confidence, ~matched)
    return [Matched(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]


def _forward(route: CompiledRoute, pings: Pings, places: Candidates) -> _Forward:
    m, loss, sigma = len(pings.t), heading_loss(places, pings), sigma_of(pings.accuracy)
    empty, length = np.zeros((BEAM, 1)), np.array([route.length_m])
    none = np.zeros(1, dtype=np.int64)
    h = Hypotheses(empty, empty + DEAD, empty, empty, empty, empty, none, np.zeros(1))
    along, offset = np.zeros((m, BEAM)), np.full((m, BEAM), np.inf)
    parent = np.zeros((m, BEAM), dtype=np.int64)
    for i in range(m):
        ping = np.array([i])
        at = listed(places, ping, h, BEAM)
        elapsed = pings.t[ping] - pings.t[max(i - 1, 0)]
        seen = Seen(
            places.along[at],
            places.offset[at],
            None if loss is None else loss[at],
            elapsed,
            sigma[ping],
            length,
        )
        h, lineage = weigh(h, seen, PATIENT)
        h.reported = none
        along[i], parent[i], offset[i] = h.along[:, 0], lineage.parent[:, 0], lineage.offset[:, 0]
    return _Forward(along, parent, offset, h.weight[:, 0])


def _backtracked(forward: _Forward) -> tuple[Ints, Floats, Floats]:
    """m × k rows of each last hypothesis' ancestors; along and offset of the best one's."""
    m, k = forward.along.shape
    rows = np.zeros((m, k), dtype=np.int64)
    rows[-1] = np.arange(k)
    for i in range(m - 1, 0, -1):
        rows[i - 1] = forward.parent[i, rows[i]]
    best = rows[:, 0]
    ping = np.arange(m)
    return rows, forward.along[ping, best], forward.offset[ping, best]


def _away(nearest: Floats, sigma: Floats) -> NDArray[np.bool_]:
    """Fixes in runs of OFF_ROUTE_PINGS and more that are off the route: knowing the end, from their first."""
    far = nearest > np.maximum(OFF_ROUTE_M, OFF_ROUTE_SIGMAS * sigma)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], far.astype(np.int8), [0]))))
    away = np.zeros(len(far), dtype=np.bool_)
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        away[start:end] = end - start >= OFF_ROUTE_PINGS
    return away
