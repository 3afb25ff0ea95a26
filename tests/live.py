"""A connection to the live stream of a stack whose clock runs fast."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp

TRIES = 5


async def connected(
    session: aiohttp.ClientSession, live: str, ticket: Callable[[], Awaitable[str]]
) -> aiohttp.ClientWebSocketResponse:
    """A ticket's thirty seconds may be half a second here, and a worker takes longer to start: with another.

    live: the stream's address.
    """
    for _ in range(TRIES - 1):
        try:
            return await session.ws_connect(f"{live}?ticket={await ticket()}")
        except aiohttp.WSServerHandshakeError:
            continue
    return await session.ws_connect(f"{live}?ticket={await ticket()}")
