"""The `@connections` management API: send to a WebSocket client, look at it, close it.

Source: AWS, "Use @connections commands in your backend service". The signature is not checked, but must
be there: a web page cannot add that header to a request for another origin.
"""

from __future__ import annotations

import time
from http import HTTPStatus
from urllib.parse import unquote

import orjson
from aiohttp import web

from local.gateway.live import Live
from local.gateway.live_event import Client

PATH = "/_aws/live/@connections/"
MESSAGE_LIMIT = 128 * 1024


async def manage(live: Live, request: web.BaseRequest) -> web.Response:
    if not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256"):
        return _error(
            HTTPStatus.FORBIDDEN, "MissingAuthenticationTokenException", "Missing Authentication Token"
        )
    client = live.clients.get(unquote(request.raw_path.partition("?")[0].removeprefix(PATH)))
    if client is None or client.socket.closed:
        return _gone()
    match request.method:
        case "POST":
            return await _send(client, request)
        case "GET":
            return web.Response(body=orjson.dumps(_described(client)), content_type="application/json")
        case "DELETE":
            await client.socket.close()
            return web.Response(status=204)
    return _error(HTTPStatus.METHOD_NOT_ALLOWED, "MethodNotAllowedException", "Use POST, GET or DELETE")


async def _send(client: Client, request: web.BaseRequest) -> web.Response:
    data = await request.content.read() if (request.content_length or 0) <= MESSAGE_LIMIT else None
    if data is None or len(data) > MESSAGE_LIMIT:
        text = f"A message holds {MESSAGE_LIMIT} bytes at most"
        return _error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "PayloadTooLargeException", text)
    try:
        await client.send(data)
    except ConnectionError:
        return _gone()
    return web.Response(status=200)


def _described(client: Client) -> dict[str, object]:
    def moment(at: float) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))

    identity = {"sourceIp": client.asked.source_ip, "userAgent": client.asked.headers.get("user-agent", "")}
    return {
        "connectedAt": moment(client.connected_at),
        "lastActiveAt": moment(client.last_active),
        "identity": identity,
    }


def _gone() -> web.Response:
    return _error(HTTPStatus.GONE, "GoneException", "The connection is gone")


def _error(status: HTTPStatus, kind: str, message: str) -> web.Response:
    body = orjson.dumps({"message": message})
    return web.Response(
        status=status, body=body, content_type="application/json", headers={"x-amzn-errortype": kind}
    )
