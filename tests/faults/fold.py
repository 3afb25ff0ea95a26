"""Whether one version of a live item follows from the one before by folding the matcher over uploads.

A commit applies the courier's uploads of one batch, and a batch is a run of neighbours in one lane of the
stream, however often it is split, delivered again or overtaken. So there must be a run of the courier's
uploads in one lane that leads from the state before to the very same state after, byte by byte; pings that
are not newer than the state came late and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.match import advance
from geo.route import CompiledRoute
from geo.state import MatchState
from telemetry.live import Live, Window
from telemetry.ping import Ping
from telemetry.upload import Upload


@dataclass(frozen=True, slots=True)
class Way:
    """A courier's trip: its window as it ended, its route, and its pings by upload, lane by lane in order."""

    route: CompiledRoute
    lanes: Sequence[Sequence[Sequence[Ping]]]


def way(window: Window, route: CompiledRoute, lanes: Sequence[Sequence[Upload]]) -> Way:
    within = [[[p for p in u.pings if window.holds(p.t_ms)] for u in lane] for lane in lanes]
    return Way(route, [[pings for pings in lane if pings] for lane in within])


def explained(before: Live | None, after: Live, ways: dict[str, Way]) -> bool:
    """ways: by trip. An item that was deleted begins anew, as does a trip."""
    start = before.match if before and before.trip == after.trip else MatchState()
    if start.raw == after.match.raw:
        return True
    if after.trip not in ways:
        return False
    ridden = ways[after.trip]
    return any(_leads(start, after.match, lane, ridden.route) for lane in ridden.lanes)


def _leads(start: MatchState, goal: MatchState, lane: Sequence[Sequence[Ping]], route: CompiledRoute) -> bool:
    for first, pings in enumerate(lane):
        # A run that begins with one that changes nothing is one that begins later.
        if start.t < pings[-1].t <= goal.t and _run(start, goal, lane[first:], route):
            return True
    return False


def _run(
    start: MatchState, goal: MatchState, uploads: Sequence[Sequence[Ping]], route: CompiledRoute
) -> bool:
    state = start
    for pings in uploads:
        if pings[-1].t > goal.t:
            return False
        if fixes := [ping.fix() for ping in pings if ping.t > state.t]:
            state, _ = advance(route, state, fixes)
            if state.raw == goal.raw:
                return True
    return False
