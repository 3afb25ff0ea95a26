"""Where couriers are along their routes: states in, states out, for one courier or many in one call.

Method: multiple-hypothesis tracking on the local minima of the distance from the line, a hidden Markov
model as in Newson & Krumm 2009 but along one known route: a hypothesis is a place on the line with a speed
of its own. Pings fold one by one, so upload and batch boundaries change nothing. The loops are in
geo/kernel, the constants in geo/model.py and geo/progress.py.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from geo import kernel
from geo.model import MODEL, Model
from geo.route import CompiledRoute
from geo.state import STATE_BYTES, Fix, MatchState

FIX_BYTES = 8 * len(Fix._fields)


class Matched(NamedTuple):
    """What was found for one fix; offset_m is the distance from the route where the fix is an outlier."""

    along_m: float
    fraction: float
    offset_m: float
    on_route: bool
    confidence: float
    outlier: bool


class Rider(NamedTuple):
    """One courier's turn: its route, where it stands, and its next fixes in time order, six doubles each as
    in Fix.
    """

    route: CompiledRoute
    state: MatchState
    fixes: bytes


def advance(
    route: CompiledRoute, state: MatchState, fixes: Iterable[Fix]
) -> tuple[MatchState, list[Matched]]:
    """Advance one courier by fixes in time order; one result a fix.

    A fix that is not newer than the newest, or not finite, changes nothing and is reported where the state
    stands.
    """
    columns = columns_of(fixes)
    count = len(columns) // FIX_BYTES
    after, told = kernel.advance(
        [route.searchable], state.raw, [count], columns, told=True, rules=kernel.rules()
    )
    return MatchState(after), matched(told)


def advance_many(riders: Sequence[Rider], model: Model = MODEL) -> list[MatchState]:
    """Advance many couriers in one call. What each gets is what `advance` would give it, to the last bit."""
    columns = b"".join(rider.fixes for rider in riders)
    before = b"".join(rider.state.raw for rider in riders)
    routes = [rider.route.searchable for rider in riders]
    counts = [len(rider.fixes) // FIX_BYTES for rider in riders]
    after, _ = kernel.advance(routes, before, counts, columns, told=False, rules=kernel.rules(model))
    return [MatchState(after[i : i + STATE_BYTES]) for i in range(0, len(after), STATE_BYTES)]


def columns_of(fixes: Iterable[Fix]) -> bytes:
    return array("d", chain.from_iterable(fixes)).tobytes()


def matched(told: bytes) -> list[Matched]:
    return [
        Matched(along, fraction, offset, on_route, confidence, outlier)
        for along, fraction, offset, confidence, on_route, outlier in kernel.MATCHED.iter_unpack(told)
    ]
