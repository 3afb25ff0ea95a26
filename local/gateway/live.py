"""WebSocket connections, as API Gateway keeps them: `$connect`, routes, `$disconnect`, and their limits.

Source: AWS, "Working with WebSocket APIs" and "Quotas for configuring and running a WebSocket API".
"""

from __future__ import annotations

import asyncio
import base64
import os
import time
from contextlib import suppress
from http import HTTPStatus

import orjson
from aiohttp import WSCloseCode, WSMsgType, web

from local.gateway import live_event
from local.gateway.event import Asked
from local.gateway.live_api import LiveApi
from local.gateway.live_event import Client
from local.gateway.refusal import Refusal
from local.logs import Log
from local.tasks import Tasks
from local.worker.answer import Invoke

FRAME_LIMIT = 32 * 1024
"""A browser sends each message in one frame, and a longer frame ends the connection (1009)."""
IDLE_S = 600.0
LIFE_S = 7200.0


class Live:
    def __init__(self, api: LiveApi, invoke: Invoke, log: Log, times: float = 1.0) -> None:
        """times: how many times as fast as the machine's the clock runs by which connections' rows expire."""
        self.api, self._invoke, self._times = api, invoke, times
        self.clients: dict[str, Client] = {}
        self._tasks = Tasks(log)

    async def connect(self, request: web.BaseRequest) -> web.StreamResponse:
        """Runs for as long as the connection lasts. Raises Refusal when `$connect` refuses it."""
        if request.headers.get("upgrade", "").lower() != "websocket":
            raise Refusal(HTTPStatus.UPGRADE_REQUIRED, "This address speaks WebSocket; open it with ws://.")
        socket = web.WebSocketResponse(max_msg_size=FRAME_LIMIT, compress=False, timeout=2.0)
        now, name = time.time(), base64.urlsafe_b64encode(os.urandom(11)).decode()
        client = Client(name, Asked.read(request), now, socket, request.transport, now)
        if refused := await self._refused(client):
            return refused
        await socket.prepare(request)
        self.clients[client.id] = client
        watch = asyncio.create_task(self._watch(client))
        try:
            await self._listen(client)
        finally:
            watch.cancel()
            del self.clients[client.id]
            self._tasks.spawn(self._disconnected(client))
        return socket

    async def end(self) -> None:
        """Close every connection, as a restart of the runtime does."""
        closing = (client.socket.close(code=WSCloseCode.GOING_AWAY) for client in list(self.clients.values()))
        await asyncio.gather(*closing, return_exceptions=True)
        await self._tasks.end()

    async def _refused(self, client: Client) -> web.Response | None:
        function = self.api.routes.get("$connect")
        if function is None:
            return None
        event = live_event.connected(client, self.api.id, self.api.stage)
        answer = await self._invoke(function, orjson.dumps(event))
        said = {} if answer.failed else orjson.loads(answer.payload)
        if not isinstance(said, dict) or "statusCode" not in said:
            why = answer.reason if answer.failed else "its answer has no statusCode"
            raise Refusal(HTTPStatus.BAD_GATEWAY, f"The function behind $connect failed: {why}")
        status = int(said["statusCode"])
        if 200 <= status < 300:
            return None
        headers = {"content-type": (said.get("headers") or {}).get("content-type", "text/plain")}
        return web.Response(status=status, body=str(said.get("body", "")).encode(), headers=headers)

    async def _listen(self, client: Client) -> None:
        async for message in client.socket:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                client.last_active = time.time()
                self._tasks.spawn(self._message(client, message.data))

    async def _message(self, client: Client, data: str | bytes) -> None:
        route = self._route(data)
        event = live_event.message(client, self.api.id, self.api.stage, route, data)
        function = self.api.routes.get(route)
        if function is not None and not (await self._invoke(function, orjson.dumps(event))).failed:
            return
        said = "Forbidden" if function is None else "Internal server error"
        request_id = event["requestContext"]["requestId"]
        problem = {"message": said, "connectionId": client.id, "requestId": request_id}
        with suppress(ConnectionError):  # its end is noticed where it is listened to
            await client.send(orjson.dumps(problem))

    def _route(self, data: str | bytes) -> str:
        try:
            body = orjson.loads(data)
        except orjson.JSONDecodeError:
            return "$default"
        wanted = body.get(self.api.selector) if isinstance(body, dict) else None
        known = isinstance(wanted, str) and wanted in self.api.routes and not wanted.startswith("$")
        return str(wanted) if known else "$default"

    async def _disconnected(self, client: Client) -> None:
        if function := self.api.routes.get("$disconnect"):
            event = live_event.disconnected(client, self.api.id, self.api.stage)
            await self._invoke(function, orjson.dumps(event))

    async def _watch(self, client: Client) -> None:
        """Ends the connection when it has been idle, or has lasted, too long."""
        while True:
            due = min(client.last_active + IDLE_S, client.connected_at + LIFE_S / self._times) - time.time()
            if due <= 0:
                await client.socket.close(code=WSCloseCode.GOING_AWAY, message=b"Going away")
                return
            await asyncio.sleep(due)
