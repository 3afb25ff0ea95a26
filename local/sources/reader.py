"""Reads one shard page by page, until it is closed and read to its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import aiohttp

from local.aws import AwsError
from local.logs import Log
from local.sources.model import Record
from local.sources.shards import TRIM_HORIZON, Shard
from local.sources.streams import Stream

RETRY_S = 0.5
QUIET = (10.0, 0.2)
"""A shard without a record for so long [s] is asked only so often [s]: an idle laptop stays cool."""


class Reader:
    """Reads on from the shard's position, which whoever takes the pages moves (`Shard.read`)."""

    def __init__(self, stream: Stream, shard: Shard, poll_s: float, log: Log) -> None:
        self._stream, self._shard = stream, shard
        self._poll_s, self._log = poll_s, log
        self._iterator: str | None = None
        self._since_s = 0.0

    async def open(self) -> None:
        """From here on nothing that is written is missed. Raises AwsError."""
        asked_s = time.time()
        self._iterator = await self._stream.iterator(self._shard.id, self._shard.position)
        self._since_s = self._shard.position.since_s  # for streams that know no timestamps
        self._shard.opened(asked_s)

    async def pages(self, limit: int, room: Callable[[], bool]) -> AsyncIterator[list[Record]]:
        """Records as they come, until the shard's end; it waits while there is no `room`."""
        came_s = time.monotonic()
        while True:
            if not room():
                await asyncio.sleep(self._poll_s)
                continue
            try:
                if self._iterator is None:
                    await self.open()
                page = await self._stream.read(self._shard.id, self._iterator or "", limit)
            except (AwsError, aiohttp.ClientError, TimeoutError) as error:
                await self._failed(error)
                continue
            if page.records:
                came_s = time.monotonic()
                yield [record for record in page.records if record.arrived_s >= self._since_s]
            if page.next_iterator is None:
                return
            self._iterator = page.next_iterator
            if not page.behind:
                quiet = time.monotonic() - came_s > QUIET[0]
                await asyncio.sleep(max(self._poll_s, QUIET[1]) if quiet else self._poll_s)

    async def _failed(self, error: Exception) -> None:
        """An iterator lives for minutes only: after a long pause a new one is asked for, at the position."""
        code = error.code if isinstance(error, AwsError) else ""
        if code == "ExpiredIteratorException":
            self._iterator = None
            return
        where = f"{self._shard.id} of {self._stream.arn}"
        if code == "TrimmedDataAccessException":
            self._log.say("sources", f"{where}: records expired before they were read", "ERROR")
            self._iterator, self._shard.position = None, TRIM_HORIZON
            return
        self._log.say("sources", f"{where} cannot be read: {error!r}", "ERROR")
        await asyncio.sleep(RETRY_S)
