"""The limits of WebSocket connections, shortened: the real server and a real client in one process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web

from local.gateway import connections, live, live_event
from local.gateway.live_api import LiveApi
from local.logs import Log
from local.worker.answer import Answer

Conversation = Callable[[aiohttp.ClientSession, live.Live], Awaitable[None]]
SIGNED = {"authorization": "AWS4-HMAC-SHA256 Credential=x"}


def converse(conversation: Conversation) -> None:
    async def invoke(name: str, event: bytes) -> Answer:
        return Answer(b'{"statusCode":200}')

    async def run() -> None:
        gateway = live.Live(
            LiveApi("id", "v1", "action", {}), invoke, Log(colour=False, write=lambda _: None)
        )

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            if request.path.startswith(connections.PATH):
                return await connections.manage(gateway, request)
            return await gateway.connect(request)

        runner = web.ServerRunner(web.Server(handle), shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as session:
            await conversation(session, gateway)
        await gateway.end()
        await runner.cleanup()

    asyncio.run(run())


@pytest.mark.parametrize("limit", ["IDLE_S", "LIFE_S"])
def test_a_connection_ends_when_idle_or_old(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(live, limit, 0.1)

    async def conversation(session: aiohttp.ClientSession, gateway: live.Live) -> None:
        async with session.ws_connect("/v1/live") as socket:
            closed = await socket.receive(timeout=5)
            assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, 1001)

    converse(conversation)


def test_who_takes_nothing_is_cut_off_and_does_not_hold_up_the_sender(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_event, "SEND_S", 0.2)

    async def conversation(session: aiohttp.ClientSession, gateway: live.Live) -> None:
        reader, writer = await asyncio.open_connection(
            session._base_url.host, session._base_url.port, limit=1024
        )
        head = (
            "GET /v1/live HTTP/1.1",
            "Host: x",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        )
        writer.write("\r\n".join((*head, "", "")).encode())
        await reader.readline()  # and nothing more
        (client,) = gateway.clients
        path, message = f"{connections.PATH}{client}", b"x" * connections.MESSAGE_LIMIT
        for _ in range(500):
            async with session.post(path, data=message, headers=SIGNED) as sent:
                status = sent.status
            if status != 200:
                break
        assert status == 410
        assert not gateway.clients
        writer.close()

    converse(conversation)
