"""Uploads folded into a courier's live item: pure, so that a lost race can simply fold again.

Every ping takes one of four ways: outside every trip window it is counted; inside an older trip, or
before the tail's floor, it is late and goes to its chunk; already in the tail it changes nothing;
else it joins the tail and, when newer than all before, is to move the match on. Matching itself waits, so
that all couriers of a batch go in one call.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from geo.match import Rider
from geo.route import CompiledRoute
from geo.state import MatchState
from telemetry.columns import fixes
from telemetry.doubts import doubts
from telemetry.history import BUCKET_MS, Joined, Sighted, Sighting, Sightings, join
from telemetry.live import IDLE_TTL_S, Live, Window
from telemetry.pings import Pings
from telemetry.upload import Upload

TAIL_PINGS = 48  # one bucket of ten-second pings
ITEM_BYTES = 1_000  # a byte over 1,024 would double the cost of every write

Chunks = dict[tuple[str, int], list[Sighted]]
"""What to unite into the history, by trip and bucket."""


class Lookup(NamedTuple):
    """What a fold may ask: older windows than the live item holds, by the times [ms] that they should
    cover; routes; and the item's size.
    """

    windows: Callable[[int, int], Sequence[Window]]
    route: Callable[[str], CompiledRoute | None]
    item_bytes: Callable[[Live], int]


@dataclass(slots=True)
class Folded:
    """`live` as it should be written, but for the match: that `ride` says."""

    live: Live
    chunks: Chunks = field(default_factory=dict)
    losers: list[Sighting] = field(default_factory=list)
    outside: int = 0
    """Pings outside every window, counted each time that they come."""
    ended: set[str] = field(default_factory=set)
    """Trips with a window that has an end, of which there were pings."""
    _route: CompiledRoute | None = None
    _fresh: Pings = field(default_factory=Pings)

    def to_chunks(self, trip: str, part: Sighted) -> None:
        for bucket, some in part.by_bucket():
            self.chunks.setdefault((trip, bucket), []).append(some)

    def begin(self, window: Window, route: CompiledRoute | None) -> None:
        """The state belongs to the window's trip from now on."""
        length_m = route.length_m if route else 0.0
        self.live = self.live.but(
            trip=window.trip,
            match=MatchState(),
            length_m=length_m,
            floor_ms=0,
            mock=0,
            implausible=0,
            battery=None,
        )
        self._fresh = Pings()

    def join(self, device: str, joined: Joined, route: CompiledRoute | None) -> None:
        """The tail with what was added to it; what is newer than all before is to move the match on."""
        tail, added = joined.sightings, joined.added
        newest = self._fresh.last_ms if self._fresh else self.live.match.t_ms
        if added and added.first_ms <= newest:
            added = added[bisect_right(added.times(), newest) :]
        if added and route:
            self._route, self._fresh = route, self._fresh + added
            self._doubt(tail.devices[device], len(added))
        known = self.live.newest
        later = bool(added) and (known is None or added.last_ms > known.t_ms)
        self.live = self.live.but(tail=tail, newest=added[-1] if later else known)

    def _doubt(self, pings: Pings, fresh: int) -> None:
        """pings: one phone's in the tail; fresh: how many of the newest are to be counted."""
        mock, implausible = doubts(pings, len(pings) - fresh)
        if mock or implausible:
            live = self.live
            self.live = live.but(mock=live.mock + mock, implausible=live.implausible + implausible)

    def ride(self) -> Rider | None:
        """What to match; None where nothing is new."""
        if self._route is None or not self._fresh:
            return None
        return Rider(self._route, self.live.match, fixes(self._fresh))


def fold(live: Live, uploads: Sequence[Upload], lookup: Lookup) -> Folded:
    """The live item after the uploads, equal to `live` where nothing changed, and what must be united into
    the history before it is written.
    """
    folded = Folded(live)
    for upload in uploads:
        newest = folded.live.newest
        for window, pings in _by_window(folded.live, Pings.of(upload.pings), lookup):
            part = Sighted(upload.device, pings)
            if window is None:
                _outside(folded, pings)
            else:
                _inside(folded, window, part, lookup)
        if upload.battery is not None and folded.live.newest is not newest:
            folded.live = folded.live.but(battery=upload.battery)
    return folded


def _by_window(live: Live, pings: Pings, lookup: Lookup) -> list[tuple[Window | None, Pings]]:
    """Consecutive pings of the same window together. pings: in order of time."""
    first, last = pings.first_ms, pings.last_ms
    windows: Sequence[Window] = live.windows
    older_ends = windows[-2].end_ms if len(windows) > 1 else -1
    if windows and windows[-1].holds(first) and windows[-1].holds(last) and (older_ends or first) < first:
        return [(windows[-1], pings)]
    # Fewer than two cached windows are all there are.
    if len(windows) == 2 and first < windows[0].start_ms:
        until_ms = min(last, windows[0].start_ms - 1)
        windows = [*lookup.windows(first, until_ms), *windows]
    times, runs, at = pings.times(), [], 0
    while at < len(times):
        window = next((w for w in windows if w.holds(times[at])), None)
        if window is None:
            later = [w.start_ms for w in windows if w.start_ms > times[at]]
            end = bisect_left(times, min(later)) if later else len(times)
        else:
            end = len(times) if window.end_ms is None else bisect_right(times, window.end_ms)
        runs.append((window, pings[at:end]))
        at = end
    return runs


def _outside(folded: Folded, pings: Pings) -> None:
    """Count; keep only the newest position, and that not for long.

    The tail is put away first: an item that may expire must not be the only place of a ping.
    """
    live = folded.live
    folded.outside += len(pings)
    known = live.newest.t_ms if live.newest else 0
    new = len(pings) - bisect_right(pings.times(), known)
    active = live.active()
    # A position from before the running trip is forgotten when that begins, and stays so.
    if not new or (active and pings.last_ms < active.start_ms):
        return
    folded.live = live.but(newest=pings[-1], outside=live.outside + new)
    if not active:
        _put_away(folded, len(live.tail))
        folded.live = folded.live.but(expires_s=int(pings[-1].t + IDLE_TTL_S))


def _inside(folded: Folded, window: Window, part: Sighted, lookup: Lookup) -> None:
    if window.end_ms is not None:
        folded.ended.add(window.trip)
    if _begins_trip(folded.live, window):
        _put_away(folded, len(folded.live.tail))
        folded.begin(window, lookup.route(window.route))
    if window.trip != folded.live.trip:
        folded.to_chunks(window.trip, part)
        return
    floor = folded.live.floor_ms
    if part.pings.first_ms < floor:
        folded.to_chunks(window.trip, part.before(floor))
        part = part.since(floor)
    if part.pings:
        _into_tail(folded, window, part, lookup)
    # What may expire, now or soon, must not be the only place of a ping.
    if folded.live.expires_s is not None or not folded.live.active():
        _put_away(folded, len(folded.live.tail))


def _begins_trip(live: Live, window: Window) -> bool:
    """Whether the window is newer than the trip that the state belongs to."""
    if live.trip == window.trip:
        return False
    if live.trip is None:
        return True
    present = next((w for w in live.windows if w.trip == live.trip), None)
    # A trip that is not among the newest windows is older than both.
    return window.start_ms > present.start_ms if present else window in live.windows


def _into_tail(folded: Folded, window: Window, part: Sighted, lookup: Lookup) -> None:
    joined = join(folded.live.tail, part)
    folded.losers += joined.losers
    if not joined.changed:
        return
    folded.join(part.device, joined, lookup.route(window.route))
    while folded.live.tail and (
        len(folded.live.tail) > TAIL_PINGS or lookup.item_bytes(folded.live) > ITEM_BYTES
    ):
        _put_away(folded, _oldest_bucket(folded.live.tail))


def _oldest_bucket(tail: Sightings) -> int:
    """How many of the tail's pings to put away: its oldest bucket, or half of it where it is the only one."""
    times = tail.times()
    oldest = bisect_left(times, (times[0] // BUCKET_MS + 1) * BUCKET_MS)
    return oldest if oldest < len(times) else max(oldest // 2, 1)


def _put_away(folded: Folded, count: int) -> None:
    """Move the tail's `count` oldest pings to chunks, and raise the floor behind them."""
    live = folded.live
    if not live.tail or live.trip is None:
        return
    # The floor is a time: what shares the last one's time goes along.
    floor = live.tail.times()[count - 1] + 1
    for part in live.tail.before(floor):
        folded.to_chunks(live.trip, part)
    folded.live = live.but(tail=live.tail.since(floor), floor_ms=floor)
