"""A batch of uploads becomes live items and history: chunks first, the live item last.

A courier that fails for our reasons is reported with its first record, so that Lambda delivers again
from there; couriers that were written meanwhile find everything known and change nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from geo.route import CompiledRoute
from processors.track.batch import read_batch
from processors.track.fold import Folded, Lookup, fold
from storage.aws import backoff
from storage.history import ChunkBusy, ChunkFull, HistoryStore
from storage.live import LiveStore, Raced, item_bytes
from storage.objects import NotKept, Quarantine, Rejected
from storage.routes import RouteMissing, RouteStore
from storage.windows import WindowStore
from telemetry.clock import Clock
from telemetry.history import CONFLICT, Sighting
from telemetry.live import Live
from telemetry.upload import Upload

WRITERS = 4  # concurrent writers; more only add to the CPU that boto3 takes


PERMANENT = ("ValidationException", "ItemCollectionSizeLimitExceededException")


def passing(error: Exception) -> bool:
    """Whether the stores may take tomorrow what they refuse today, so that it is delivered again."""
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] not in PERMANENT
    return isinstance(error, BotoCoreError | ChunkBusy | NotKept | Raced | TimeoutError)


class Log(Protocol):
    def info(self, msg: str, /, *, extra: Mapping[str, Any]) -> None: ...

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
            original = base64.b64decode(poison.data)
            self._set_aside("stream", original, f"{poison.reason} (record {poison.sequence})")
        known = self._known(batch.couriers)

        def one(key: str) -> str | None:
            uploads = [upload for _, upload in batch.couriers[key]]
            try:
                self._courier(known[key] if known is not None else self._current(key), uploads)
            except Exception as error:  # whatever it is, it may not block the shard
                if passing(error):
                    self.log.exception("a courier's uploads were not stored and will be delivered again")
                    return batch.couriers[key][0][0]
                self.log.exception("a courier's uploads cannot be stored and go to quarantine")
                for upload in uploads:
                    self._set_aside_upload(upload, repr(error))
            return None

        return [failed for failed in self.writers.map(one, batch.couriers) if failed]

    def _known(self, keys: Iterable[str]) -> dict[str, Live | None] | None:
        """The couriers' live items; None where one of them cannot be read, so that each is read alone."""
        try:
            found = self.live.get_many(keys)
        except Exception as error:
            if passing(error):
                raise
            self.log.exception("a live item cannot be read")
            return None
        return {key: found.get(key) for key in keys}

    def _current(self, key: str) -> Live | None:
        return self.live.get_many([key]).get(key)

    def _courier(self, current: Live | None, uploads: list[Upload]) -> None:
        """Fold and write; a lost race folds again on what stands there now."""
        lost: Raced | None = None
        for _ in backoff():
            base = current or self._fresh(uploads[0])
            folded = self._fold(base, uploads)
            self._keep_losers(uploads[0].key, folded.losers)
            self._unite(uploads[0].key, folded)
            if folded.live == base:
                break
            changed = replace(folded.live, version=base.version + 1)
            try:
                self.live.put(changed, current.version if current else None)
            except Raced as race:
                lost, current = race, race.current
            else:
                break
        else:
            assert lost is not None  # noqa: S101 - the loop ran at least once
            raise lost
        if folded.outside:
            self.log.info("pings outside every trip window", extra={"pings": folded.outside})

    def _fresh(self, upload: Upload) -> Live:
        """A first or expired courier: its version starts at the clock, so that it never rewinds."""
        version = round(self.clock() * 1000)
        return Live(upload.fleet, upload.courier, version, tuple(self.windows.newest(upload.key)))

    def _fold(self, live: Live, uploads: list[Upload]) -> Folded:
        """Fold one upload after another; one that our code cannot take is set aside, not its neighbours."""
        total = Folded(live)
        for upload in uploads:
            lookup = Lookup(
                windows=partial(self.windows.between, upload.key),
                route=partial(self._route, upload.fleet),
                item_bytes=item_bytes,
            )
            try:
                step = fold(total.live, upload, lookup)
            except Exception as error:
                if passing(error):
                    raise
                self.log.exception("an upload cannot be processed and goes to quarantine")
                self._set_aside_upload(upload, repr(error))
                continue
            for (trip, _), sightings in step.chunks.items():
                total.to_chunks(trip, sightings)
            total.live = step.live
            total.losers += step.losers
            total.outside += step.outside
        return total

    def _route(self, fleet: str, name: str) -> CompiledRoute | None:
        try:
            return self.routes.load(fleet, name)
        except RouteMissing:  # the pings are kept all the same; there is only nothing to match them to
            self.log.exception("a trip's route is missing")
            return None

    def _unite(self, courier: str, folded: Folded) -> None:
        for (trip, bucket), sightings in folded.chunks.items():
            keep = partial(self._keep_losers, courier)
            try:
                self.history.unite(f"{folded.live.fleet}/{trip}", bucket, sightings, keep)
            except ChunkFull as full:
                self._keep(courier, sightings, str(full))

    def _keep_losers(self, courier: str, losers: list[Sighting]) -> None:
        self._keep(courier, losers, CONFLICT)

    def _keep(self, courier: str, sightings: list[Sighting], reason: str) -> None:
        rejected = [Rejected(orjson.dumps([*s.ping]), f"ping/{s.device}", "t", reason) for s in sightings]
        self.quarantine.keep(courier, rejected)

    def _set_aside_upload(self, upload: Upload, reason: str) -> None:
        self._set_aside(upload.key, upload.to_bytes(), reason)

    def _set_aside(self, owner: str, original: bytes, reason: str) -> None:
        self.quarantine.keep(owner, [Rejected(original, "stream", "data", reason)])
