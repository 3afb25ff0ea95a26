"""WebSocket connections, as API Gateway keeps them: `$connect`, routes, `$disconnect`, and their limits.

Source: AWS, "Working with WebSocket APIs" and "Quotas for configuring and running a WebSocket API".
"""

from __future__ import annotations

import asyncio
import base64
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import WSCloseCode, WSMsgType, web

from local.gateway.event import Asked, query_parameters
from local.gateway.live_api import LiveApi
from local.gateway.refusal import Refusal
from local.logs import Log
from local.tasks import Tasks
from local.worker.process import Invoke

FRAME_LIMIT = 32 * 1024
"""A browser sends each message in one frame, and a longer frame ends the connection (1009)."""
IDLE_S = 600.0
LIFE_S = 7200.0
SEND_S = 5.0
"""A client that takes no bytes for so long is cut off, so that it never holds up its sender."""


@dataclass(slots=True, eq=False)
class Client:
    id: str
    asked: Asked
    connected_at: float
    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    last_active: float

    async def send(self, data: bytes) -> None:
        """Raises ConnectionError when the client is gone, or takes nothing and is cut off."""
        self.last_active = time.time()
        try:
            text: str | None = data.decode()
        except UnicodeDecodeError:
            text = None
        try:
            async with asyncio.timeout(SEND_S):
                await (self.socket.send_bytes(data) if text is None else self.socket.send_str(text))
        except TimeoutError:
            if self.transport is not None:
                self.transport.abort()  # a close frame would queue behind what it does not take
            raise ConnectionAbortedError(f"{self.id} took nothing for {SEND_S} s") from None


class Live:
    def __init__(self, api: LiveApi, invoke: Invoke, log: Log) -> None:
        self.api, self._invoke = api, invoke
        self.clients: dict[str, Client] = {}
        self._tasks = Tasks(log)

    async def connect(self, request: web.BaseRequest) -> web.StreamResponse:
        """Runs for as long as the connection lasts. Raises Refusal when `$connect` refuses it."""
        if request.headers.get("upgrade", "").lower() != "websocket":
            raise Refusal(HTTPStatus.UPGRADE_REQUIRED, "This address speaks WebSocket; open it with ws://.")
        socket = web.WebSocketResponse(max_msg_size=FRAME_LIMIT, compress=False, timeout=2.0)
        now = time.time()
        client = Client(
            base64.urlsafe_b64encode(os.urandom(11)).decode(),
            Asked.read(request),
            now,
            socket,
            request.transport,
            now,
        )
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
        headers = client.asked.headers
        event = self._event(client, "$connect", "CONNECT") | {
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
        }
        if client.asked.query:
            parameters = query_parameters(client.asked.query)
            event["queryStringParameters"] = parameters
            event["multiValueQueryStringParameters"] = {
                name: value.split(",") for name, value in parameters.items()
            }
        answer = await self._invoke(function, orjson.dumps(event))
        said = {} if answer.failed else orjson.loads(answer.payload)
        if not isinstance(said, dict) or "statusCode" not in said:
            raise Refusal(HTTPStatus.BAD_GATEWAY, "The function behind $connect failed; the log says why.")
        status = int(said["statusCode"])
        if 200 <= status < 300:
            return None
        content_type = (said.get("headers") or {}).get("content-type", "text/plain")
        return web.Response(
            status=status, body=str(said.get("body", "")).encode(), headers={"content-type": content_type}
        )

    async def _listen(self, client: Client) -> None:
        async for message in client.socket:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                client.last_active = time.time()
                self._tasks.spawn(self._message(client, message.data))

    async def _message(self, client: Client, data: str | bytes) -> None:
        route = self._route(data)
        event = self._event(client, route, "MESSAGE")
        event["requestContext"]["messageId"] = event["requestContext"]["requestId"]
        event["isBase64Encoded"] = isinstance(data, bytes)
        event["body"] = base64.b64encode(data).decode() if isinstance(data, bytes) else data
        function = self.api.routes.get(route)
        failed = function is None or (await self._invoke(function, orjson.dumps(event))).failed
        if failed:
            said = "Forbidden" if function is None else "Internal server error"
            problem = {
                "message": said,
                "connectionId": client.id,
                "requestId": event["requestContext"]["requestId"],
            }
            await self._try_to_send(client, orjson.dumps(problem))

    def _route(self, data: str | bytes) -> str:
        try:
            body = orjson.loads(data)
        except orjson.JSONDecodeError:
            return "$default"
        wanted = body.get(self.api.selector) if isinstance(body, dict) else None
        return (
            wanted
            if isinstance(wanted, str) and wanted in self.api.routes and wanted[:1] != "$"
            else "$default"
        )

    async def _disconnected(self, client: Client) -> None:
        if function := self.api.routes.get("$disconnect"):
            event = self._event(client, "$disconnect", "DISCONNECT")
            event["headers"] = {"Host": client.asked.headers.get("host", "")}
            code = client.socket.close_code
            event["requestContext"] |= {"disconnectStatusCode": code or 1006, "disconnectReason": ""}
            await self._invoke(function, orjson.dumps(event))

    async def _watch(self, client: Client) -> None:
        """Ends the connection when it has been idle, or has lasted, too long."""
        while True:
            due = min(client.last_active + IDLE_S, client.connected_at + LIFE_S) - time.time()
            if due <= 0:
                await client.socket.close(code=WSCloseCode.GOING_AWAY, message=b"Going away")
                return
            await asyncio.sleep(due)

    async def _try_to_send(self, client: Client, data: bytes) -> None:
        with suppress(ConnectionError):  # its end is noticed where it is listened to
            await client.send(data)

    def _event(self, client: Client, route: str, kind: str) -> dict[str, Any]:
        now = time.time()
        request_id = base64.b64encode(os.urandom(11)).decode()
        return {
            "requestContext": {
                "routeKey": route,
                "eventType": kind,
                "messageDirection": "IN",
                "requestId": request_id,
                "extendedRequestId": request_id,
                "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
                "requestTimeEpoch": int(now * 1000),
                "connectedAt": int(client.connected_at * 1000),
                "connectionId": client.id,
                "domainName": client.asked.headers.get("host", ""),
                "stage": self.api.stage,
                "apiId": self.api.id,
                "identity": {
                    "sourceIp": client.asked.source_ip,
                    "userAgent": client.asked.headers.get("user-agent", ""),
                },
            },
            "isBase64Encoded": False,
        }
