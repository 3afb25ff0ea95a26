"""Feeds one function from one stream: a reader for each shard, a runner for each of its lanes.

It drives the state model (`shards`, `lane`) with what the stream and the function say. Where it was is kept
in memory only: the emulator's streams live no longer than the runtime, so there is nothing to come back to.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import aiohttp
import orjson

from local.aws import AwsError
from local.logs import Log
from local.sources.filters import fits
from local.sources.lane import Lane
from local.sources.mapping import Mapped
from local.sources.model import Batch, Discarded, NotInvoked, Outcome, Record, Rules, outcome
from local.sources.reader import Reader
from local.sources.shards import Shard, Shards
from local.sources.streams import Stream
from local.tasks import Tasks
from local.worker.answer import Invoke, NotReached

BACKLOG_LIMIT = 20_000
"""Records that a shard's lanes may hold before its reader pauses."""
LIST_S = 10.0
"""How often new shards are looked for when none ends; the children of one that ends are found at once."""

GiveUp = Callable[[Mapped, Stream, str, Discarded], Awaitable[None]]
"""Tells the on-failure destination (mapping, stream, shard, what); comes back when it was taken."""


class Poller:
    def __init__(
        self, mapped: Mapped, stream: Stream, invoke: Invoke, give_up: GiveUp, poll_s: float, log: Log
    ) -> None:
        self._mapped, self._stream, self._invoke, self._give_up = mapped, stream, invoke, give_up
        self._poll_s, self._log = min(poll_s, stream.aws_poll_s), log
        self._readers: dict[str, Reader] = {}
        self._ended = asyncio.Event()

    async def start(self, tasks: Tasks) -> None:
        """Begin to read every shard; from here on nothing written is missed."""
        rules = _within(self._mapped.rules, await self._stream.retention_s())
        shards = Shards(rules, self._mapped.start)
        for shard in shards.listed(await self._stream.shards()):
            await self._reader(shard).open()
        self._begin(shards, tasks)
        tasks.spawn(self._discover(shards, tasks))

    def _reader(self, shard: Shard) -> Reader:
        return self._readers.setdefault(shard.id, Reader(self._stream, shard, self._poll_s, self._log))

    def _begin(self, shards: Shards, tasks: Tasks) -> None:
        for shard in shards.begin():
            tasks.spawn(self._follow(shard))

    async def _discover(self, shards: Shards, tasks: Tasks) -> None:
        while True:
            try:
                async with asyncio.timeout(LIST_S):
                    await self._ended.wait()
            except TimeoutError:
                pass
            self._ended.clear()
            try:
                shards.listed(await self._stream.shards())
            except (AwsError, aiohttp.ClientError, TimeoutError) as error:
                self._log.say("sources", f"{self._stream.arn} cannot be listed: {error!r}", "ERROR")
                await asyncio.sleep(self._poll_s)
                self._ended.set()
                continue
            self._begin(shards, tasks)

    async def _follow(self, shard: Shard) -> None:
        """One shard, until it is finished."""
        wakes = [asyncio.Event() for _ in shard.lanes]
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read(shard, wakes))
            for lane, wake in zip(shard.lanes, wakes, strict=True):
                group.create_task(self._run(shard, lane, wake))
        self._readers.pop(shard.id, None)
        self._ended.set()

    async def _read(self, shard: Shard, wakes: list[asyncio.Event]) -> None:
        def room() -> bool:
            return shard.backlog < BACKLOG_LIMIT

        limit = max(self._mapped.rules.batch_size * len(wakes), 100)
        async for records in self._reader(shard).pages(limit, room):
            shard.read(records, self._wanted, time.time())
            _wake(wakes)
        shard.ended = True
        _wake(wakes)

    def _wanted(self, record: Record) -> bool:
        filters = self._mapped.filters
        return not filters or any(fits(pattern, record.event) for pattern in filters)

    async def _run(self, shard: Shard, lane: Lane, wake: asyncio.Event) -> None:
        while not (shard.ended and not lane.backlog):
            match lane.next(time.time()):
                case Discarded() as discarded:
                    await self._give_up(self._mapped, self._stream, shard.id, discarded)
                    lane.told()
                case Batch() as batch:
                    lane.settle(await self._deliver(batch), time.time())
                case None:
                    await _sleep(lane, wake)

    async def _deliver(self, batch: Batch) -> Outcome:
        event = orjson.dumps({"Records": [record.event for record in batch.records]})
        try:
            answer = await self._invoke(self._mapped.function, event)
        except NotReached as error:
            self._log.say("sources", f"{self._mapped.function} was not reached: {error}", "WARNING")
            return NotInvoked()
        return outcome(answer.payload, self._mapped.rules, failed=answer.failed)


def _within(rules: Rules, retention_s: float) -> Rules:
    """Unlimited means: until the record expires."""
    age_s = retention_s if rules.max_age_s < 0 else min(rules.max_age_s, retention_s)
    return replace(rules, max_age_s=age_s)


def _wake(wakes: list[asyncio.Event]) -> None:
    for wake in wakes:
        wake.set()


async def _sleep(lane: Lane, wake: asyncio.Event) -> None:
    """Until something may be due, or something new has come."""
    wake.clear()
    due = lane.due_s()
    try:
        async with asyncio.timeout(None if due is None else max(due - time.time(), 0.001)):
            await wake.wait()
    except TimeoutError:
        return
