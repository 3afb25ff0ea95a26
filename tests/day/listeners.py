"""Who listens: a webhook's server, and a manager's console on the live stream."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from cli.replay.credential import Credential
from tests.day.world import World
from tests.live import connected

FAILING = 3
"""So many deliveries are refused before the first is taken."""
SESSION_S = 4800.0
"""A connection ends after two hours; long before that, the next one is there."""

OVERLAP_S = 5.0
"""So long both are there, by the machine's clock."""


@dataclass
class Delivery:
    """Headers and body, as they came; taken: it was answered 204."""

    id: str
    at: str
    signature: str
    body: bytes
    taken: bool


@dataclass
class Receiver:
    deliveries: list[Delivery] = field(default_factory=list)
    address: str = ""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Receiver]:
        server = web.Server(self._answer)
        runner = web.ServerRunner(server)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        self.address = f"http://127.0.0.1:{port}/milepost"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        body = await request.read()
        said = [request.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")]
        taken = len(self.deliveries) >= FAILING
        self.deliveries.append(Delivery(*said, body, taken))
        return web.Response(status=204 if taken else 503)

    def taken(self) -> Counter[str]:
        """Ids, and how often each came."""
        return Counter(it.id for it in self.deliveries if it.taken)


def signature(secret: str, delivery: Delivery) -> str:
    """As Standard Webhooks says it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{delivery.id}.{delivery.at}.".encode() + delivery.body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


@dataclass
class Viewer:
    """events: by id; times: how often each was heard; rows: changes of couriers; left_s: when they went home
    [s, Unix].
    """

    world: World
    who: Credential
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    sessions: int = 0
    left_s: float = 0.0
    subscribed: asyncio.Event = field(default_factory=asyncio.Event)
    _listening: set[asyncio.Task[None]] = field(default_factory=set)

    async def listen(self, live: str) -> None:
        """Until it is cancelled, one connection after the other, each begun before the last one ends."""
        async with aiohttp.ClientSession() as session:
            before: asyncio.Task[None] | None = None
            try:
                while True:
                    self.subscribed.clear()
                    task = asyncio.create_task(self._session(session, live))
                    self._listening.add(task)
                    task.add_done_callback(self._listening.discard)
                    await asyncio.wait_for(self.subscribed.wait(), 20)
                    if before:
                        # Who tells has looked up the listeners a moment before it sends.
                        await asyncio.sleep(OVERLAP_S)
                        before.cancel()
                    before = task
                    ends = asyncio.create_task(self.world.hours.wait(SESSION_S))
                    await asyncio.wait({ends, task}, return_when=asyncio.FIRST_COMPLETED)
                    ends.cancel()
            finally:
                self.left_s = self.world.hours.now()
                for task in list(self._listening):
                    task.cancel()

    async def _session(self, session: aiohttp.ClientSession, live: str) -> None:
        async with await connected(session, live, self._ticket) as socket:
            await socket.send_json({"action": "subscribe"})
            async for message in socket:
                said = orjson.loads(message.data)
                match said["type"]:
                    case "subscribed":
                        self.sessions += 1
                        self.subscribed.set()
                    case "update":
                        self.rows += len(said["couriers"]["courier"])
                    case "events":
                        for event in said["events"]:
                            self.events[event["id"]] = event
                            self.times[event["id"]] += 1

    async def _ticket(self) -> str:
        url = f"{self.world.api.pipeline}/v1/live/ticket"
        return str((await self.world.api.call("POST", url, self.who, {}))["ticket"])
