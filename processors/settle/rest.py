"""A courier's live item between trips: no ping stands in it alone, and its position expires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from storage.aws import backoff
from storage.history import ChunkFull, HistoryStore
from storage.live import LiveStore, Raced
from storage.objects import Quarantine, refused_ping
from telemetry.history import CONFLICT, Sighting, Sightings
from telemetry.live import IDLE_TTL_S, Live
from telemetry.upload import courier_key


@dataclass(frozen=True, slots=True)
class Resting:
    live: LiveStore
    history: HistoryStore
    quarantine: Quarantine

    def rest(self, fleet: str, courier: str) -> None:
        """Put the tail away into chunks and let the item expire, unless a trip runs.

        Raises Raced when the courier's uploads win again and again, and what the stores raise.
        """
        key = courier_key(fleet, courier)
        current = self.live.get(key)
        lost: Raced | None = None
        for _ in backoff():
            if current is None or current.active() or _rests(current):
                return
            self._put_away(key, current)
            try:
                self.live.put(_at_rest(current), current.version)
            except Raced as race:
                lost, current = race, race.current
            else:
                return
        assert lost is not None  # noqa: S101 - the loop ran at least once
        raise lost

    def _put_away(self, key: str, live: Live) -> None:
        def keep(losers: Sequence[Sighting], reason: str = CONFLICT) -> None:
            self.quarantine.keep(key, [refused_ping(s, reason) for s in losers])

        for bucket, part in (some for whole in live.tail.parts for some in whole.by_bucket()):
            try:
                self.history.unite(f"{live.fleet}/{live.trip}", bucket, [part], keep)
            except ChunkFull as full:
                keep([*part.each()], str(full))


def _rests(live: Live) -> bool:
    return not live.tail and live.expires_s is not None


def _at_rest(live: Live) -> Live:
    """What was put away lies below the floor; the item's time runs from its newest ping or last finish."""
    floor_ms = max([live.floor_ms, *(s.ping.t_ms + 1 for s in live.tail.values())])
    ends = [w.end_ms for w in live.windows if w.end_ms is not None]
    last_ms = max([live.newest.t_ms if live.newest else 0, *ends], default=0)
    expires_s = live.expires_s or int(last_ms / 1000 + IDLE_TTL_S)
    return replace(live, version=live.version + 1, tail=Sightings(), floor_ms=floor_ms, expires_s=expires_s)
