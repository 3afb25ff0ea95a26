"""A batch of uploads becomes live items and history: chunks first, the live item last.

All couriers of a batch go through each step together: fold, match in one call, put away, write. Who loses
the race for its item goes through them again on what stands there now. A courier that fails for our reasons
is reported with its first record, so that Lambda delivers again from there; couriers that were written
meanwhile find everything known and change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, compress
from typing import Any

from geo.match import advance_many
from geo.route import CompiledRoute
from geo.state import MatchState
from processors.track.aside import Aside, Log
from processors.track.batch import read_batch
from processors.track.fold import Folded, Lookup, fold
from storage.aws import backoff
from storage.failures import passing
from storage.history import ChunkFull, HistoryStore
from storage.live import LiveStore, Raced, Write, most_bytes
from storage.routes import RouteMissing, RouteStore
from storage.statements import MOST
from storage.trips import TripStore
from storage.windows import WindowStore
from telemetry.clock import Clock
from telemetry.live import Live
from telemetry.upload import Upload

WRITERS = 4  # concurrent writers; more only add to the CPU that boto3 takes


@dataclass(slots=True)
class Turn:
    """One courier's part of a batch. current: what stands in the table; base: what is folded upon."""

    key: str
    first: str
    """Sequence number of its first record."""
    uploads: list[Upload]
    current: Live | None = None
    base: Live | None = None
    folded: Folded | None = None
    stale: bool = False
    """Whether another item stands there than was folded upon."""
    match: MatchState | None = None
    """Where it moved on to; None where nothing is new."""


@dataclass(frozen=True, slots=True)
class Tracker:
    live: LiveStore
    windows: WindowStore
    history: HistoryStore
    routes: RouteStore
    trips: TripStore
    aside: Aside
    clock: Clock
    log: Log
    writers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(WRITERS))

    def track(self, records: Iterable[Any]) -> list[str]:
        """Sequence numbers to deliver again, one for each courier that failed; empty when all is done."""
        batch = read_batch(records)
        for poison in batch.poison:
            self.aside.record(poison)
        turns = [Turn(key, of[0][0], [upload for _, upload in of]) for key, of in batch.couriers.items()]
        failed: list[str] = []
        pending = self._known(turns, failed)
        for _ in backoff():
            pending = self._round(pending, failed)
            if not pending:
                return failed
        self.log.warning("couriers lost every race and will be delivered again", extra={"n": len(pending)})
        return failed + [turn.first for turn in pending]

    def _known(self, turns: list[Turn], failed: list[str]) -> list[Turn]:
        """With the live items as they stand. One that cannot be read is looked at again, consistently, and
        then fails its courier alone: what nobody can read is not written over.
        """
        found = self.live.get_many([turn.key for turn in turns], consistent=False)
        for turn in turns:
            turn.current = found.lives.get(turn.key)
        readable, unreadable = _parted(turns, lambda turn: turn.key in found.unreadable)
        return readable + self._each(unreadable, failed, self._read)

    def _read(self, turn: Turn) -> None:
        turn.current = self.live.get(turn.key)

    def _round(self, turns: list[Turn], failed: list[str]) -> list[Turn]:
        """Fold, match and store; returns those that lost the race for their item."""
        turns = self._each(turns, failed, self._fold)
        ridden = [(turn, rider) for turn in turns if (rider := _folded(turn).ride())]
        for (turn, _), match in zip(ridden, advance_many([rider for _, rider in ridden]), strict=True):
            turn.match = match
        there, away = _parted(turns, lambda turn: bool(_folded(turn).chunks or _folded(turn).losers))
        turns = there + self._each(away, failed, self._put_away, together=self.writers.map)
        stored, changed = _parted(turns, _changed)
        stored, raced = _parted(self._each(stored, failed, self._confirm), lambda turn: turn.stale)
        writes = [Write(_next(turn), turn.current.version if turn.current else None) for turn in changed]
        groups = [writes[at : at + MOST] for at in range(0, len(writes), MOST)]
        outcomes = chain.from_iterable(self.writers.map(self.live.put_many, groups))
        for turn, error in zip(changed, outcomes, strict=True):
            if isinstance(error, Raced):
                turn.current = error.current
                raced.append(turn)
            elif error:
                self._failed(turn, error, failed)
            else:
                stored.append(turn)
        self._each(stored, failed, self._stored)
        return raced

    def _confirm(self, turn: Turn) -> None:
        """What was read may be a moment old, and no write checks it: a trip may have begun meanwhile."""
        turn.stale = False
        if _folded(turn).outside:
            stands = self.live.get(turn.key)
            turn.stale = stands is not None and stands.version != _base(turn).version
            turn.current = stands

    def _stored(self, turn: Turn) -> None:
        """Whatever came for an ended trip, known or not, has it settled again, before success is answered."""
        folded, trips = _folded(turn), set(_folded(turn).ended)
        if not _changed(turn):  # no version has been checked, so a trip that runs may have ended meanwhile
            trips |= {trip for trip, _ in folded.chunks}
        for trip in sorted(trips):
            self.trips.mark_late(trip)
        if folded.outside:
            self.log.info("pings outside every trip window", extra={"pings": folded.outside})

    def _each(
        self, turns: list[Turn], failed: list[str], step: Callable[[Turn], None],
        together: Callable[..., Iterable[Exception | None]] = map,
    ) -> list[Turn]:  # fmt: skip
        """Do a step of every courier; whatever goes wrong with one may not hold up the others."""
        done = []
        for turn, error in zip(turns, together(partial(_tried, step), turns), strict=True):
            if error is None:
                done.append(turn)
            else:
                self._failed(turn, error, failed)
        return done

    def _failed(self, turn: Turn, error: Exception, failed: list[str]) -> None:
        if passing(error):
            self.log.error("a courier's uploads were not stored and come again", exc_info=error)
            failed.append(turn.first)
            return
        self.log.error("a courier's uploads cannot be stored and go to quarantine", exc_info=error)
        for upload in turn.uploads:
            self.aside.upload(upload, repr(error))

    def _fold(self, turn: Turn) -> None:
        turn.base, turn.match = turn.current or self._fresh(turn.uploads[0]), None
        lookup = Lookup(
            windows=partial(self.windows.between, turn.key),
            route=partial(self._route, turn.uploads[0].fleet),
            item_bytes=most_bytes,
        )
        try:
            turn.folded = fold(turn.base, turn.uploads, lookup)
        except Exception as error:
            if passing(error):
                raise
            self.log.exception("an upload cannot be processed and goes to quarantine")
            turn.uploads = [one for one in turn.uploads if self._folds(turn.base, one, lookup)]
            turn.folded = fold(turn.base, turn.uploads, lookup)

    def _folds(self, base: Live, upload: Upload, lookup: Lookup) -> bool:
        """Whether our code can take it; sets it aside where not."""
        try:
            fold(base, [upload], lookup)
        except Exception as error:
            if passing(error):
                raise
            self.aside.upload(upload, repr(error))
            return False
        return True

    def _fresh(self, upload: Upload) -> Live:
        """A first or expired courier: its version starts at the clock, so that it never rewinds."""
        version = round(self.clock() * 1000)
        return Live(upload.fleet, upload.courier, version, tuple(self.windows.newest(upload.key)))

    def _route(self, fleet: str, name: str) -> CompiledRoute | None:
        try:
            return self.routes.load(fleet, name)
        except RouteMissing:  # the pings are kept all the same; there is only nothing to match them to
            self.log.exception("a trip's route is missing")
            return None

    def _put_away(self, turn: Turn) -> None:
        """Losers and chunks: before the live item forgets them."""
        folded, keep = _folded(turn), partial(self.aside.losers, turn.key)
        keep(folded.losers)
        for (trip, bucket), parts in folded.chunks.items():
            try:
                self.history.unite(f"{folded.live.fleet}/{trip}", bucket, parts, keep)
            except ChunkFull as full:
                self.aside.pings(turn.key, [s for part in parts for s in part.each()], str(full))


def _parted(turns: list[Turn], which: Callable[[Turn], bool]) -> tuple[list[Turn], list[Turn]]:
    """Those that are not so, and those that are."""
    answers = [which(turn) for turn in turns]
    return [t for t, yes in zip(turns, answers, strict=True) if not yes], [*compress(turns, answers)]


def _tried(step: Callable[[Turn], None], turn: Turn) -> Exception | None:
    try:
        step(turn)
    except Exception as error:  # noqa: BLE001 - whatever it is, it may not block the shard
        return error
    return None


def _folded(turn: Turn) -> Folded:
    assert turn.folded is not None  # noqa: S101 - every turn is folded first
    return turn.folded


def _changed(turn: Turn) -> bool:
    return turn.match is not None or _folded(turn).live != turn.base


def _base(turn: Turn) -> Live:
    assert turn.base is not None  # noqa: S101
    return turn.base


def _next(turn: Turn) -> Live:
    live = _folded(turn).live
    return live.but(match=turn.match or live.match, version=_base(turn).version + 1)
