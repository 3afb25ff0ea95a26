"""Reads one shard page by page, for as long as it lasts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import aiohttp

from local.aws import AwsError
from local.logs import Log
from local.sources.model import Record
from local.sources.streams import Stream

RETRY_S = 0.5
QUIET = (10.0, 0.2)
"""A shard without a record for so long [s] is asked only so often [s]: an idle laptop stays cool."""


class Reader:
    def __init__(self, stream: Stream, shard: str, start: str, poll_s: float, log: Log) -> None:
        """`start`: TRIM_HORIZON or LATEST."""
        self._stream, self._shard, self._start = stream, shard, start
        self._poll_s, self._log = poll_s, log
        self._iterator: str | None = None
        self._last: str | None = None

    async def open(self) -> None:
        """From here on nothing that is written is missed. Raises AwsError."""
        self._iterator = await self._stream.iterator(self._shard, self._start, self._last)

    async def pages(self, limit: int, room: Callable[[], bool]) -> AsyncIterator[list[Record]]:
        """Records as they come, until the shard is closed and read; it waits while there is no `room`."""
        came_s = time.monotonic()
        while True:
            if not room():
                await asyncio.sleep(self._poll_s)
                continue
            try:
                if self._iterator is None:
                    await self.open()
                page = await self._stream.read(self._shard, self._iterator or "", limit)
            except (AwsError, aiohttp.ClientError, TimeoutError) as error:
                await self._failed(error)
                continue
            if page.records:
                self._last, came_s = page.records[-1].sequence, time.monotonic()
                yield page.records
            if page.next_iterator is None:
                return
            self._iterator = page.next_iterator
            if not page.behind:
                quiet = time.monotonic() - came_s > QUIET[0]
                await asyncio.sleep(max(self._poll_s, QUIET[1]) if quiet else self._poll_s)

    async def _failed(self, error: Exception) -> None:
        """An iterator lives for five minutes: after a long pause a new one is asked for."""
        if isinstance(error, AwsError) and error.code == "ExpiredIteratorException":
            self._iterator = None
            return
        self._log.say("sources", f"{self._shard} of {self._stream.arn} cannot be read: {error!r}", "ERROR")
        await asyncio.sleep(RETRY_S)
