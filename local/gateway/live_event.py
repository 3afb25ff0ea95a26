"""A WebSocket client, and the events that API Gateway makes of what it does.

Source: AWS, "API Gateway WebSocket API mapping template reference" and sample events of its documentation.
"""

from __future__ import annotations

import asyncio
import base64
import os
import time
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from local.gateway.event import Asked, query_parameters

SEND_S = 5.0
"""A client that takes no bytes for so long is cut off, so that it never holds up its sender."""


@dataclass(slots=True, eq=False)
class Client:
    id: str
    asked: Asked
    """The request that opened the connection."""
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


def connected(client: Client, api: str, stage: str) -> dict[str, Any]:
    headers = client.asked.headers
    event = _event(client, api, stage, "$connect", "CONNECT") | {
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
    }
    if client.asked.query:
        parameters = query_parameters(client.asked.query)
        event["queryStringParameters"] = parameters
        event["multiValueQueryStringParameters"] = {
            name: value.split(",") for name, value in parameters.items()
        }
    return event


def message(client: Client, api: str, stage: str, route: str, data: str | bytes) -> dict[str, Any]:
    event = _event(client, api, stage, route, "MESSAGE")
    event["requestContext"]["messageId"] = event["requestContext"]["requestId"]
    event["isBase64Encoded"] = isinstance(data, bytes)
    event["body"] = base64.b64encode(data).decode() if isinstance(data, bytes) else data
    return event


def disconnected(client: Client, api: str, stage: str) -> dict[str, Any]:
    event = _event(client, api, stage, "$disconnect", "DISCONNECT")
    event["headers"] = {"Host": client.asked.headers.get("host", "")}
    event["requestContext"]["disconnectStatusCode"] = client.socket.close_code or 1006
    event["requestContext"]["disconnectReason"] = ""
    return event


def _event(client: Client, api: str, stage: str, route: str, kind: str) -> dict[str, Any]:
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
            "stage": stage,
            "apiId": api,
            "identity": {
                "sourceIp": client.asked.source_ip,
                "userAgent": client.asked.headers.get("user-agent", ""),
            },
        },
        "isBase64Encoded": False,
    }
