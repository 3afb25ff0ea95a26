"""What a caller shows: a token, or the key of a device."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Credential:
    """`get` fetches it when it is not known; many callers at once fetch it once."""

    def __init__(self, get: Callable[[], Awaitable[str]]) -> None:
        self._get = get
        self._known: str | None = None
        self._fetching = asyncio.Lock()

    async def token(self) -> str:
        async with self._fetching:
            if self._known is None:
                self._known = await self._get()
            return self._known

    def forget(self, token: str) -> None:
        """After a 401: the next caller fetches it again."""
        if self._known == token:
            self._known = None
