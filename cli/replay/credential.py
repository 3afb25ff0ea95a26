"""What a caller shows: a token, or the key of a device."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from cli.common import Failed, Mint
from cli.run_state import LAPTOP, port_of


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


def admin_of(base: str, mint: Mint) -> Credential:
    """Of $MILEPOST_TOKEN, or minted for the laptop. Raises Failed."""
    given = os.environ.get("MILEPOST_TOKEN", "")
    if not given and urlsplit(base).hostname not in LAPTOP:
        raise Failed(f"{base} is not the laptop's stack: set MILEPOST_TOKEN to a token of an admin there.")

    async def get() -> str:
        return given or await asyncio.to_thread(mint, port_of(base), "admin", "admin")

    return Credential(get)
