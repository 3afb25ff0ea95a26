"""Whether one version of a live item follows from the one before by folding the matcher over uploads.

The store says only what stands in it after each commit. Which uploads a commit applied is found from that:
those that carry pings between the two states' times, but none that should be in the new tail and is not. In
order they are all applied; out of order some came too late, and the search looks for the order that gives the
very same state, byte by byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geo.match import advance
from geo.state import MatchState
from telemetry.live import Live
from telemetry.ping import Ping
from telemetry.upload import Upload
from tests.faults.cast import ROUTES

TRIES = 4000


def explained(
    before: Live | None, after: Live, uploads: Sequence[Upload], routes: Mapping[str, str]
) -> bool:
    """routes: of trips, by name. An item that was deleted begins anew."""
    start = before.match if before and before.trip == after.trip else MatchState()
    if start.raw == after.match.raw:
        return True
    if after.trip not in routes:
        return False
    return _Search(start, after, uploads, routes[after.trip]).succeeds()


class _Search:
    def __init__(self, start: MatchState, after: Live, uploads: Sequence[Upload], route: str) -> None:
        self._start, self._goal, self._route = start, after.match, ROUTES[route]
        window = next((w for w in after.windows if w.trip == after.trip), None)
        self._from_ms = window.start_ms if window else 0
        self._end_ms = window.end_ms if window and window.end_ms is not None else 1 << 62
        self._until_ms = round(after.match.t * 1000)
        self._floor_ms = after.floor_ms
        self._tail = set(after.tail)
        self._tries = TRIES
        self._candidates = [pings for upload in uploads if (pings := self._of(upload))]

    def succeeds(self) -> bool:
        return self._from(self._start, frozenset(range(len(self._candidates))))

    def _of(self, upload: Upload) -> list[Ping]:
        """The pings that the upload could have applied in this commit; none if it was not applied at all."""
        start_ms = self._start.t * 1000
        if upload.pings[-1].t_ms <= start_ms or upload.pings[0].t_ms > self._until_ms:
            return []
        found = []
        for ping in upload.pings:
            if ping.t_ms <= start_ms or not self._from_ms <= ping.t_ms <= self._end_ms:
                continue
            known = (upload.device, ping.t_ms) in self._tail
            if ping.t_ms > self._until_ms or (ping.t_ms >= self._floor_ms and not known):
                return []
            found.append(ping)
        return found

    def _from(self, state: MatchState, left: frozenset[int]) -> bool:
        """Apply what begins first, and if that fails something else."""
        if state.raw == self._goal.raw:
            return True
        for i in sorted(left, key=lambda i: self._candidates[i][0].t_ms):
            fixes = [ping.fix() for ping in self._candidates[i] if ping.t > state.t]
            if not fixes:
                continue
            self._tries -= 1
            if self._tries < 0:
                return False
            if self._from(advance(self._route, state, fixes)[0], left - {i}):
                return True
        return False
