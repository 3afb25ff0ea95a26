"""Open tasks by their distance, nearest first, in a bounded number of reads.

The index keeps open tasks sorted by tile (geo/tiles.py). A heap holds the tiles that were not looked into
yet, by the distance of their nearest point: what lies nearer than the first of them is known for certain. A
tile with more tasks than two reads give is cut into quarters, of which the nearest come first; around what
was looked into lie ever larger tiles. So a dense city and an empty country both take few reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import takewhile
from typing import NamedTuple

from geo.tiles import LEVELS, Place, Tile, distance_m
from storage.tasks import OpenTasks, Row, Task

FIRST_LEVEL = 12  # tiles of 10 km by 5 km: one courier's neighbourhood is nine of them
ROWS = 50  # a read
MOST_READS = 60
WITHIN_M = 50_000.0
_NARROW = 6  # from this level on a tile's farthest point is a corner


class After(NamedTuple):
    """Where the page before ended: everything at that distance up to that task was given."""

    distance_m: float
    task: str


class Near(NamedTuple):
    """distance_m: to the middle of the tile, 2.4 m wide, in which the task lies."""

    distance_m: float
    task: Task


@dataclass(frozen=True, slots=True)
class Page:
    """after: None where nothing more lies within the distance asked for."""

    tasks: list[Near]
    after: After | None
    reads: int


class _Unseen(NamedTuple):
    """A tile, or of a tile at the last level what lies behind the task `after`."""

    distance_m: float
    after: str
    tile: Tile


@dataclass
class Search:
    """One page of one courier's search. wanted: whether the courier may see a task."""

    index: OpenTasks
    fleet: str
    place: Place
    wanted: Callable[[Task], bool]
    most: int = 25
    within_m: float = WITHIN_M
    after: After | None = None
    reads: int = field(default=0, init=False)
    _unseen: list[_Unseen] = field(default_factory=list, init=False)
    _found: list[tuple[float, str, Task]] = field(default_factory=list, init=False)

    def page(self) -> Page:
        rings = iter(()) if self._few() else _rings(self.place)
        ring = next(rings, None)
        given: list[Near] = []
        while True:
            if ring and (not self._unseen or ring[0] <= self._unseen[0].distance_m):
                for tile in ring[1]:
                    self._later(tile)
                ring = next(rings, None)
                continue
            known = self._known()
            while self._found and self._found[0][:2] <= known and len(given) < self.most:
                distance, _, task = heappop(self._found)
                given.append(Near(distance, task))
            if len(given) == self.most:
                return Page(given, After(given[-1].distance_m, given[-1].task.task), self.reads)
            if known.distance_m > self.within_m:
                return Page(given, None, self.reads)
            if self.reads >= MOST_READS:
                return Page(given, known, self.reads)
            self._look_into(heappop(self._unseen))

    def _few(self) -> bool:
        """Whether one read gave all tasks there are, as in most fleets."""
        rows = self._read("")
        if len(rows) < ROWS:
            self._keep(rows)
        return len(rows) < ROWS

    def _known(self) -> After:
        """Up to where nothing is unseen."""
        if not self._unseen:
            return After(float("inf"), "")
        first = self._unseen[0]
        return After(first.distance_m, first.after)

    def _look_into(self, unseen: _Unseen) -> None:
        tile = unseen.tile
        if tile.level == LEVELS:
            rows = self._read(tile.key, after=f"{tile.key}#{unseen.after}")
            self._keep(rows)
            if len(rows) == ROWS:
                heappush(self._unseen, unseen._replace(after=rows[-1].task.task))
            return
        rows = self._read(tile.key)
        if len(rows) < ROWS:
            self._keep(rows)
            return
        ends = self._read(tile.key, last=True)
        if ends[0].key <= rows[-1].key:
            self._keep({row.key: row for row in [*rows, *ends]}.values())
            return
        dense = Tile.named(_shared(rows[0].key, ends[-1].key))
        for part in [dense] if dense.level == LEVELS else dense.quarters():
            self._later(part)

    def _later(self, tile: Tile) -> None:
        """Look into the tile, when it is the nearest, unless the pages before had all of it."""
        if tile.level == LEVELS:
            distance = distance_m(self.place, tile.middle())
            if self.after is None or distance > self.after.distance_m:
                heappush(self._unseen, _Unseen(distance, "", tile))
            elif distance == self.after.distance_m:
                heappush(self._unseen, _Unseen(distance, self.after.task, tile))
        elif not self._had(tile):
            heappush(self._unseen, _Unseen(tile.nearest_m(self.place), "", tile))

    def _had(self, tile: Tile) -> bool:
        """Did the pages before give all of the tile?"""
        known_m = self.after.distance_m if self.after else 0.0
        return tile.level >= _NARROW and tile.farthest_m(self.place) < known_m

    def _read(self, tile: str, after: str = "", *, last: bool = False) -> list[Row]:
        self.reads += 1
        return self.index.in_tile(self.fleet, tile, ROWS, after, last=last)

    def _keep(self, rows: Iterable[Row]) -> None:
        for key, task in rows:
            distance = distance_m(self.place, Tile.named(key[:LEVELS]).middle())
            fresh = self.after is None or (distance, task.task) > self.after
            if fresh and distance <= self.within_m and self.wanted(task):
                heappush(self._found, (distance, task.task, task))


def _rings(place: Place) -> Iterator[tuple[float, list[Tile]]]:
    """Tiles around the place, then those around them, four times as large …, each ring with its distance."""
    inner = Tile.at(place, FIRST_LEVEL).around()
    yield 0.0, [*inner]
    for level in range(FIRST_LEVEL - 1, -1, -1):
        outer = Tile.at(place, level).around()
        ring = []
        for tile in outer:
            quarters = [*tile.quarters()]
            fresh = [quarter for quarter in quarters if quarter not in inner]
            ring += [tile] if len(fresh) == len(quarters) else fresh
        yield min((tile.nearest_m(place) for tile in ring), default=float("inf")), ring
        inner = outer


def _shared(one: str, other: str) -> str:
    both = zip(one[:LEVELS], other[:LEVELS], strict=True)
    return "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], both))
