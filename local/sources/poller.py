"""Feeds one function from one stream: a reader for each shard, a runner for each of its lanes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import orjson

from local.logs import Log
from local.sources.filters import fits
from local.sources.mapping import Mapped
from local.sources.model import Discarded, Lane, Record, lane_of, outcome
from local.sources.reader import Reader
from local.sources.streams import Stream
from local.tasks import Tasks
from local.worker.answer import Invoke

BACKLOG_LIMIT = 20_000
"""Records that a shard's lanes may hold before its reader pauses."""

GiveUp = Callable[[Mapped, Stream, str, Discarded], Awaitable[None]]
"""Tells the on-failure destination (mapping, stream, shard, what)."""


class Poller:
    def __init__(
        self, mapped: Mapped, stream: Stream, invoke: Invoke, give_up: GiveUp, poll_s: float, log: Log
    ) -> None:
        self._mapped, self._stream, self._invoke, self._give_up = mapped, stream, invoke, give_up
        self._poll_s, self._log = min(poll_s, stream.aws_poll_s), log

    async def start(self, tasks: Tasks) -> None:
        """Begin to read every shard; from here on nothing written is missed."""
        for shard in await self._stream.shards():
            reader = Reader(self._stream, shard, self._mapped.start, self._poll_s, self._log)
            await reader.open()
            lanes = [Lane(self._mapped.rules) for _ in range(self._mapped.rules.parallel)]
            wakes = [asyncio.Event() for _ in lanes]
            tasks.spawn(self._read(reader, lanes, wakes))
            for lane, wake in zip(lanes, wakes, strict=True):
                tasks.spawn(self._run(shard, lane, wake))

    async def _read(self, reader: Reader, lanes: list[Lane], wakes: list[asyncio.Event]) -> None:
        def room() -> bool:
            return sum(lane.backlog for lane in lanes) < BACKLOG_LIMIT

        limit = max(self._mapped.rules.batch_size * len(lanes), 100)
        async for records in reader.pages(limit, room):
            self._hand_out(records, lanes, wakes)

    def _hand_out(self, records: list[Record], lanes: list[Lane], wakes: list[asyncio.Event]) -> None:
        filters = self._mapped.filters
        wanted = [r for r in records if not filters or any(fits(pattern, r.event) for pattern in filters)]
        now = time.time()
        for at, (lane, wake) in enumerate(zip(lanes, wakes, strict=True)):
            own = wanted if len(lanes) == 1 else [r for r in wanted if lane_of(r.key, len(lanes)) == at]
            if own:
                lane.offer(own, now)
                wake.set()

    async def _run(self, shard: str, lane: Lane, wake: asyncio.Event) -> None:
        while True:
            batch, discarded = lane.take(time.time())
            for given_up in discarded:
                await self._give_up(self._mapped, self._stream, shard, given_up)
            if batch is None:
                await self._sleep(lane, wake)
                continue
            event = orjson.dumps({"Records": [record.event for record in batch.records]})
            answer = await self._invoke(self._mapped.function, event)
            settled = outcome(answer.payload, self._mapped.rules, failed=answer.failed)
            for given_up in lane.settle(settled, time.time()):
                await self._give_up(self._mapped, self._stream, shard, given_up)

    async def _sleep(self, lane: Lane, wake: asyncio.Event) -> None:
        """Until a batch may be due, or something new has come."""
        wake.clear()
        due = lane.due_s()
        try:
            async with asyncio.timeout(None if due is None else max(due - time.time(), 0.001)):
                await wake.wait()
        except TimeoutError:
            return
