"""Where couriers are along their routes: states in, states out, for one courier or many in one call.

Method: multiple-hypothesis tracking on the local minima of the distance from the line, a hidden Markov
model as in Newson & Krumm 2009 but along one known route: a hypothesis is a place on the line with a speed
of its own. Pings fold one by one, so upload and batch boundaries change nothing; one courier is a batch of
one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo import progress
from geo.arena import Arena
from geo.candidates import Candidates, Sought, find
from geo.ellipsoid import Floats
from geo.index import Ints
from geo.lockstep import Hypotheses, Said, Seen, sigma_of, step
from geo.model import MODEL
from geo.packing import Working
from geo.route import CompiledRoute
from geo.state import HYPOTHESES, Fix, MatchState

BACK_M = 100.0  # where a ping has too many candidates, those further behind the courier are left out


class Matched(NamedTuple):
    """What was found for one fix; offset_m is the distance from the route where the fix is an outlier."""

    along_m: float
    fraction: float
    offset_m: float
    on_route: bool
    confidence: float
    outlier: bool


@dataclass(frozen=True)
class Pings:
    """n pings of several couriers, each courier's together and in time order. t [s, Unix], lat, lon
    [degrees], accuracy [m], speed [m/s], heading [degrees]; nan where unknown.
    """

    t: Floats
    lat: Floats
    lon: Floats
    accuracy: Floats
    speed: Floats
    heading: Floats

    @classmethod
    def of(cls, fixes: Sequence[Fix]) -> Pings:
        table = np.array(fixes, dtype=np.float64).reshape(-1, len(Fix._fields))
        return cls(*(np.ascontiguousarray(column) for column in table.T))


@dataclass(frozen=True)
class Matches:
    """Matched, as columns of n."""

    along: Floats
    fraction: Floats
    offset: Floats
    on_route: NDArray[np.bool_]
    confidence: Floats
    outlier: NDArray[np.bool_]

    def rows(self) -> list[Matched]:
        columns = (self.along, self.fraction, self.offset, self.on_route, self.confidence, self.outlier)
        return [Matched(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]


def advance(
    route: CompiledRoute, state: MatchState, fixes: Iterable[Fix]
) -> tuple[MatchState, list[Matched]]:
    """Advance one courier by fixes in time order; one result a fix.

    A fix that is not newer than the newest, or not finite, changes nothing and is reported where the state
    stands. Raises ValueError on a state of another format.
    """
    given = list(fixes)
    arena = route.arena
    states, matches = advance_many(arena, [arena.slot(route)], [state], [len(given)], Pings.of(given))
    return states[0], matches.rows()


def advance_many(
    arena: Arena, slots: Sequence[int], states: Sequence[MatchState], counts: Sequence[int], pings: Pings
) -> tuple[list[MatchState], Matches]:
    """Advance many couriers at once: courier i rides the arena's route slots[i] and sent the next counts[i]
    of the pings. What each gets is what `advance` would give it, to the last bit.
    """
    lengths = np.asarray(counts, dtype=np.int64)
    route = np.asarray(slots, dtype=np.int64)
    total = int(lengths.sum())
    length = arena.flat.length[route]
    whole = np.repeat(route, lengths)
    matches = _empty(total)
    if not total:
        return list(states), matches
    finite = np.isfinite(pings.lat) & np.isfinite(pings.lon)
    lat, lon = np.where(finite, pings.lat, 0.0), np.where(finite, pings.lon, 0.0)
    places = find(arena.flat, Sought(whole, lon, lat, pings.accuracy))
    loss = heading_loss(places, pings)
    sigma = sigma_of(pings.accuracy)
    t = np.where(finite, pings.t, np.nan)

    working = Working.of(states)
    order = np.argsort(-lengths, kind="stable")  # those with most pings first: each round is a prefix
    starts = (np.cumsum(lengths) - lengths)[order]
    for turn in range(int(lengths.max(initial=0))):
        row = order[: int((lengths > turn).sum())]
        ping = starts[: len(row)] + turn
        with np.errstate(invalid="ignore"):
            newer = t[ping] > working.t[row]
        if not newer.all():
            _tell(matches, ping[~newer], working, row[~newer])  # what stands
            row, ping = row[newer], ping[newer]
        if len(row):
            _turn(matches, working, row, ping, t, places, loss, sigma, length)
    matches.fraction[:] = matches.along / np.repeat(length, lengths)
    return working.packed(), matches


FEW = 6  # candidates of an ordinary ping; pings with more are weighed apart, not to slow the others
MANY = 32  # couriers from which that pays


def _turn(
    matches: Matches, working: Working, row: Ints, ping: Ints, t: Floats, places: Candidates,
    loss: Floats | None, sigma: Floats, length: Floats,
) -> None:  # fmt: skip
    """One ping of each courier of `row`."""
    few = places.count[ping] <= FEW
    if len(row) > MANY and few.any() and not few.all():
        for group in (few, ~few):
            _turn(matches, working, row[group], ping[group], t, places, loss, sigma, length)
        return
    hypotheses = working.hypotheses.only(row)
    last = working.t[row]
    elapsed = np.where(np.isfinite(last), np.minimum(t[ping] - last, 1e9), 0.0)
    at = listed(places, ping, hypotheses, HYPOTHESES)
    seen = Seen(
        places.along[at],
        places.offset[at],
        None if loss is None else loss[at],
        elapsed,
        sigma[ping],
        length[row],
    )
    after, said = step(hypotheses, seen)
    said = Said(
        said.along, np.where(said.outlier, places.nearest[ping], said.offset), said.confidence, said.outlier
    )
    working.put(row, t[ping], after, said)
    progress.update(working, row, elapsed, places.nearest[ping], sigma[ping])
    _tell(matches, ping, working, row)


def _tell(matches: Matches, ping: Ints, working: Working, row: Ints) -> None:
    matches.along[ping], matches.offset[ping] = working.along[row], working.offset[row]
    matches.confidence[ping], matches.outlier[ping] = working.confidence[row], working.outlier[row]
    matches.on_route[ping] = ~working.off_route[row]


def listed(places: Candidates, ping: Ints, h: Hypotheses, rows: int) -> Ints:
    """c × n indices into the lists of candidates, the empty last one where a ping has fewer; with the
    hypotheses they make `rows` at least.
    """
    first, count = places.first[ping], places.count[ping]
    most = MODEL.candidates
    for i in np.flatnonzero(count > most):
        passes = places.along[first[i] : first[i] + count[i]]
        skipped = int(np.searchsorted(passes, h.along[h.reported[i], i] - BACK_M))
        first[i] += min(skipped, int(count[i]) - most)
        count[i] = most
    turn = np.arange(max(int(count.max()), rows - len(h.along), 1))[:, None]
    return np.where(turn < count, first + turn, len(places.along) - 1)


def heading_loss(places: Candidates, pings: Pings) -> Floats | None:
    """Per candidate, what the ping's heading says against it; None where no ping has one."""
    with np.errstate(invalid="ignore"):
        heard = np.isfinite(pings.heading) & ~(pings.speed < MODEL.heading_mps)
    if not heard.any():
        return None
    angle = np.radians(np.remainder(np.where(heard, pings.heading, 0.0), 360.0))
    weight = np.where(heard, MODEL.heading_log, 0.0)
    owner = np.zeros(len(places.along), dtype=np.int64)
    owner[places.members()] = np.repeat(np.arange(len(angle)), places.count)
    cosine = places.east * np.sin(angle)[owner] + places.north * np.cos(angle)[owner]
    return np.asarray(weight[owner] * (1.0 - cosine))


def _empty(n: int) -> Matches:
    return Matches(
        np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n, np.bool_), np.zeros(n), np.zeros(n, np.bool_)
    )
