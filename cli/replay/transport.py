"""One HTTP exchange, as a seam: the network in a run, a function in a test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import orjson

TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=5)


@dataclass(frozen=True, slots=True)
class Outgoing:
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    retry_after: str | None = None


class Unreachable(Exception):
    """No answer: the message says why."""


Send = Callable[[Outgoing], Awaitable[Answer]]
"""Raises Unreachable."""


@asynccontextmanager
async def network() -> AsyncIterator[Send]:
    """Real HTTP, with as many connections as there are senders."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
    async with aiohttp.ClientSession(connector=connector, timeout=TIMEOUT) as session:

        async def send(out: Outgoing) -> Answer:
            try:
                request = session.request(out.method, out.url, data=out.body, headers=out.headers)
                async with request as answer:
                    return Answer(answer.status, await answer.read(), answer.headers.get("retry-after"))
            except TimeoutError:
                raise Unreachable(f"no answer within {TIMEOUT.total:.0f} s") from None
            except (aiohttp.ClientError, OSError) as error:
                raise Unreachable(str(error) or type(error).__name__) from error

        yield send


def detail(answer: Answer) -> str:
    """What a problem document says, else the beginning of whatever came."""
    try:
        return str(orjson.loads(answer.body)["detail"])
    except (orjson.JSONDecodeError, LookupError, TypeError):
        return answer.body[:200].decode(errors="replace")
