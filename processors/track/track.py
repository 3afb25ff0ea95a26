"""A batch of uploads becomes live items and history: chunks first, the live item last.

A courier that fails for our reasons is reported with its first record, so that Lambda delivers again
from there; couriers that were written meanwhile find everything known and change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from geo.route import CompiledRoute
from processors.track.batch import Poison, read_batch
from processors.track.fold import Folded, Lookup, fold
from storage.aws import backoff
from storage.history import ChunkBusy, HistoryStore
from storage.live import LiveStore, Raced, item_bytes
from storage.objects import NotKept, Quarantine, Rejected
from storage.routes import RouteMissing, RouteStore
from storage.windows import WindowStore
from telemetry.clock import Clock
from telemetry.history import Sighting
from telemetry.live import Live
from telemetry.upload import Upload

STORE_ERRORS = (ClientError, BotoCoreError, ChunkBusy, NotKept, Raced, TimeoutError)
WRITERS = 4  # concurrent writers; more only add to the CPU that boto3 takes


class Log(Protocol):
    def exception(self, msg: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Tracker:
    live: LiveStore
    windows: WindowStore
    history: HistoryStore
    routes: RouteStore
    quarantine: Quarantine
    clock: Clock
    log: Log
    writers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(WRITERS))

    def track(self, records: Iterable[Any]) -> list[str]:
        """Sequence numbers to deliver again, one for each courier that failed; empty when all is done."""
        batch = read_batch(records)
        for poison in batch.poison:
            self._set_aside(poison)
        known = self.live.get_many(batch.couriers)

        def one(key: str) -> str | None:
            uploads = batch.couriers[key]
            try:
                self._courier(known.get(key), [upload for _, upload in uploads])
            except STORE_ERRORS:
                self.log.exception("a courier's uploads were not stored and will be delivered again")
                return uploads[0][0]
            return None

        return [failed for failed in self.writers.map(one, batch.couriers) if failed]

    def _courier(self, current: Live | None, uploads: list[Upload]) -> None:
        """Fold and write; a lost race folds again on what stands there now. Raises STORE_ERRORS."""
        lost: Raced | None = None
        for _ in backoff():
            base = current or self._fresh(uploads[0])
            folded = self._fold(base, uploads)
            self._keep_losers(uploads[0], self._unite(folded))
            if folded.live == base:
                return
            try:
                self.live.put(
                    replace(folded.live, version=base.version + 1), current.version if current else None
                )
            except Raced as race:
                lost, current = race, race.current
            else:
                return
        assert lost is not None  # noqa: S101 - the loop ran at least once
        raise lost

    def _fresh(self, upload: Upload) -> Live:
        """A first or expired courier: its version starts at the clock, so that it never rewinds."""
        version = round(self.clock() * 1000)
        return Live(upload.fleet, upload.courier, version, tuple(self.windows.newest(upload.key)))

    def _fold(self, live: Live, uploads: list[Upload]) -> Folded:
        """Fold one upload after another; one that our code cannot take is set aside, not its neighbours."""
        total = Folded(live)
        for upload in uploads:
            lookup = Lookup(
                window_at=lambda t_ms, key=upload.key: self.windows.at(key, t_ms),  # type: ignore[misc]
                route=lambda name, fleet=upload.fleet: self._route(fleet, name),  # type: ignore[misc]
                item_bytes=item_bytes,
            )
            try:
                step = fold(total.live, upload, lookup)
            except STORE_ERRORS:
                raise
            except Exception as error:  # whatever it is, it may not block the shard
                self.log.exception("an upload could not be processed and goes to quarantine")
                self._set_aside_upload(upload, repr(error))
                continue
            for (trip, _), sightings in step.chunks.items():
                total.to_chunks(trip, sightings)
            total.live = step.live
            total.losers += step.losers
        return total

    def _route(self, fleet: str, name: str) -> CompiledRoute | None:
        try:
            return self.routes.load(fleet, name)
        except RouteMissing:  # the pings are kept all the same; there is only nothing to match them to
            self.log.exception("a trip's route is missing")
            return None

    def _unite(self, folded: Folded) -> list[Sighting]:
        losers = list(folded.losers)
        for (trip, bucket), sightings in folded.chunks.items():
            losers += self.history.unite(f"{folded.live.fleet}/{trip}", bucket, sightings).losers
        return losers

    def _keep_losers(self, upload: Upload, losers: list[Sighting]) -> None:
        rejected = [
            Rejected(
                repr(tuple(s.ping)), f"ping/{s.device}", "t", "another ping has the same device and time"
            )
            for s in losers
        ]
        self.quarantine.keep(upload.key, rejected)

    def _set_aside_upload(self, upload: Upload, reason: str) -> None:
        original = upload.to_bytes().hex()
        self.quarantine.keep(upload.key, [Rejected(original, f"upload/{upload.device}", "", reason)])

    def _set_aside(self, poison: Poison) -> None:
        rejected = Rejected(poison.data, f"stream/{poison.sequence}", "data", poison.reason)
        self.quarantine.keep("stream", [rejected])
