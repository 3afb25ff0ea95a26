"""One upload folded into a courier's live item: pure, so that a lost race can simply fold again.

Every ping takes one of four ways: outside every trip window it is counted; inside an older trip, or
before the tail's floor, it is late and goes to its chunk; already in the tail it changes nothing;
else it joins the tail and, when newer than all before, moves the match on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from geo.match import advance
from geo.route import CompiledRoute
from geo.state import MatchState
from telemetry.history import Sighting, unite
from telemetry.live import IDLE_TTL_S, Live, Window
from telemetry.ping import Ping
from telemetry.upload import Upload

TAIL_PINGS = 48  # one bucket of ten-second pings
ITEM_BYTES = 1_000  # a byte over 1,024 would double the cost of every write

Chunks = dict[tuple[str, int], list[Sighting]]
"""What to unite into the history, by trip and bucket."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a fold may ask: older windows than the live item holds, by the times [ms] that they should
    cover; routes; and the item's size.
    """

    windows: Callable[[int, int], Sequence[Window]]
    route: Callable[[str], CompiledRoute | None]
    item_bytes: Callable[[Live], int]


@dataclass
class Folded:
    live: Live
    chunks: Chunks = field(default_factory=dict)
    losers: list[Sighting] = field(default_factory=list)
    outside: int = 0
    """Pings outside every window, counted each time that they come."""

    def to_chunks(self, trip: str, sightings: Iterable[Sighting]) -> None:
        for sighting in sightings:
            self.chunks.setdefault((trip, sighting.bucket), []).append(sighting)


def fold(live: Live, upload: Upload, lookup: Lookup) -> Folded:
    """The live item after the upload, equal to `live` where nothing changed, and what must be united into
    the history before it is written.
    """
    folded = Folded(live)
    for window, pings in _by_window(live, upload.pings, lookup):
        sightings = [Sighting(upload.device, ping) for ping in pings]
        if window is None:
            _outside(folded, sightings)
        else:
            _inside(folded, window, sightings, lookup)
    return folded


def _by_window(live: Live, pings: Sequence[Ping], lookup: Lookup) -> list[tuple[Window | None, list[Ping]]]:
    """Consecutive pings of the same window together. pings: in order of time."""
    windows: Sequence[Window] = live.windows
    # Fewer than two cached windows are all there are.
    if len(windows) == 2 and pings[0].t_ms < windows[0].start_ms:
        until_ms = min(pings[-1].t_ms, windows[0].start_ms - 1)
        windows = [*lookup.windows(pings[0].t_ms, until_ms), *windows]
    runs: list[tuple[Window | None, list[Ping]]] = []
    for ping in pings:
        window = next((w for w in windows if w.holds(ping.t_ms)), None)
        if not runs or runs[-1][0] != window:
            runs.append((window, []))
        runs[-1][1].append(ping)
    return runs


def _outside(folded: Folded, sightings: list[Sighting]) -> None:
    """Count; keep only the newest position, and that not for long.

    The tail is put away first: an item that may expire must not be the only place of a ping.
    """
    live = folded.live
    folded.outside += len(sightings)
    known = live.newest.t_ms if live.newest else 0
    new = [s.ping for s in sightings if s.ping.t_ms > known]
    if not new:
        return
    folded.live = replace(live, newest=new[-1], outside=live.outside + len(new))
    if not live.active():
        _put_away(folded, len(live.tail))
        folded.live = replace(folded.live, expires_s=int(new[-1].t + IDLE_TTL_S))


def _inside(folded: Folded, window: Window, sightings: list[Sighting], lookup: Lookup) -> None:
    if _begins_trip(folded.live, window):
        _put_away(folded, len(folded.live.tail))
        route = lookup.route(window.route)
        folded.live = replace(
            folded.live,
            trip=window.trip,
            match=MatchState(),
            length_m=route.length_m if route else 0.0,
            floor_ms=0,
        )
    if window.trip != folded.live.trip:
        folded.to_chunks(window.trip, sightings)
        return
    floor = folded.live.floor_ms
    folded.to_chunks(window.trip, (s for s in sightings if s.ping.t_ms < floor))
    _into_tail(folded, window, [s for s in sightings if s.ping.t_ms >= floor], lookup)
    if folded.live.expires_s is not None:  # what may expire must not be the only place of a ping
        _put_away(folded, len(folded.live.tail))


def _begins_trip(live: Live, window: Window) -> bool:
    """Whether the window is newer than the trip that the state belongs to."""
    if live.trip is None:
        return True
    present = next((w for w in live.windows if w.trip == live.trip), None)
    # A trip that is not among the newest windows is older than both.
    return window.start_ms > present.start_ms if present else window in live.windows


def _into_tail(folded: Folded, window: Window, sightings: list[Sighting], lookup: Lookup) -> None:
    union = unite(folded.live.tail, sightings)
    folded.losers += union.losers
    if not union.changed:
        return
    live = replace(folded.live, tail=union.sightings)
    fresh = [s.ping for s in union.added if s.ping.t > live.match.t]
    if fresh:
        route = lookup.route(window.route)
        if route:
            match, _ = advance(route, live.match, (ping.fix() for ping in fresh))
            live = replace(live, match=match)
        if live.newest is None or fresh[-1].t_ms > live.newest.t_ms:
            live = replace(live, newest=fresh[-1])
    folded.live = live
    while len(folded.live.tail) > TAIL_PINGS or lookup.item_bytes(folded.live) > ITEM_BYTES:
        _put_away(folded, _oldest_bucket(folded.live))


def _oldest_bucket(live: Live) -> int:
    """How many of the tail's pings to put away: its oldest bucket, or half of it where it is the only one."""
    buckets = [s.bucket for s in live.tail.values()]
    oldest = buckets.count(min(buckets))
    return oldest if oldest < len(buckets) else max(oldest // 2, 1)


def _put_away(folded: Folded, count: int) -> None:
    """Move the tail's `count` oldest pings to chunks, and raise the floor behind them."""
    live = folded.live
    if not live.tail or live.trip is None:
        return
    ordered = sorted(live.tail.values(), key=lambda s: s.ping.t_ms)
    # The floor is a time: what shares the last one's time goes along.
    floor = ordered[count - 1].ping.t_ms + 1
    folded.to_chunks(live.trip, (s for s in ordered if s.ping.t_ms < floor))
    kept = {s.identity: s for s in ordered if s.ping.t_ms >= floor}
    folded.live = replace(live, tail=kept, floor_ms=floor)
