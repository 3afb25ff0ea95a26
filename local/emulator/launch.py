"""The emulator's process: ministack's services behind one loopback port.

Run by `local.emulator.process`, which hands it the listening socket (argv: its file descriptor). It says
`READY` when it answers, and ends when its standard input does, so that it never outlives the runtime.
JSON services (DynamoDB, Kinesis, SQS, SSM) are called directly; everything else (S3) goes through
ministack's own entry point. Served by aiohttp, whose parser is in C: ministack's own server spends more
time on HTTP than the services do on their work.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import uvloop
from aiohttp import web

from local.settings import SECRET
from telemetry.clock import Course

_SERVICES = {
    "DynamoDB_20120810": "dynamodb",
    "DynamoDBStreams_20120810": "dynamodb_streams",
    "Kinesis_20131202": "kinesis",
    "AmazonSQS": "sqs",
    "AmazonSSM": "ssm",
}
_SCOPE = re.compile(r"Credential=(?P<account>[^/]+)/\d+/(?P<region>[a-z0-9-]+)/")

Answer = tuple[int, dict[str, str], bytes | str]
Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def main() -> None:
    listening = socket.socket(fileno=int(sys.argv[1]))
    port = listening.getsockname()[1]
    # Read when ministack is imported: queue addresses hold the port; only what the templates use is served.
    os.environ |= {
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "BIND_HOST": "127.0.0.1",
        "SERVICES": "dynamodb,dynamodbstreams,kinesis,s3,sqs,ssm",
        "LOG_LEVEL": "ERROR",
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }
    uvloop.run(_serve(listening))


async def _serve(listening: socket.socket) -> None:
    handle = _handler()
    # When the runtime has gone, nobody waits for what is still being answered, such as a long poll.
    # An object that says it is gzip is stored as it came.
    server = web.Server(handle, access_log=None, auto_decompress=False)
    runner = web.ServerRunner(server, shutdown_timeout=0.2)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    print("READY", flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()
    await runner.cleanup()


def _handler() -> Handle:
    from ministack import app  # noqa: PLC0415 (reads the environment set above)
    from ministack.core import responses  # noqa: PLC0415
    from ministack.services import dynamodb, dynamodb_streams, kinesis, s3, sqs, ssm  # noqa: PLC0415

    from local.emulator import pages, patches  # noqa: PLC0415

    patches.emit_partiql_changes(dynamodb)
    patches.narrow_queries(dynamodb)
    patches.hold_iterators(kinesis)
    patches.sweep_kinesis_seldom(kinesis)
    patches.keep_closed_shards(kinesis)
    if course := os.environ.get("MILEPOST_CLOCK"):
        patches.expire_by(dynamodb, Course.parse(course))
    modules = {m.__name__.rpartition(".")[2]: m for m in (dynamodb, dynamodb_streams, kinesis, sqs, ssm)}

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        service = _SERVICES.get(headers.get("x-amz-target", "").partition(".")[0])
        if headers.get("expect", "").lower() == "100-continue" and request.transport:
            # boto3 sends S3 bodies so, and waits a second where nobody answers.
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await request.content.read()
        if "origin" in headers:
            query = request.raw_path.partition("?")[2]
            asked = request.method, request.path, query, headers, body
            return _response(*await pages.answer(s3, responses, *asked))
        if service is None:
            return await _through_asgi(app.app, request, body)
        scope = _SCOPE.search(headers.get("authorization", ""))
        responses.set_request_account_id(scope["account"] if scope else "")
        responses.set_request_region(scope["region"] if scope else None)
        status, answered, content = await modules[service].handle_request("POST", "/", headers, body, {})
        answered["x-amzn-requestid"] = responses.new_uuid()
        return _response(status, answered, content)

    return handle


def _response(status: int, headers: dict[str, str], content: bytes | str) -> web.Response:
    kept = {name: value for name, value in headers.items() if name.lower() != "content-length"}
    return web.Response(
        status=status, headers=kept, body=content.encode() if isinstance(content, str) else content
    )


async def _through_asgi(
    app: Callable[..., Awaitable[None]], request: web.BaseRequest, body: bytes
) -> web.Response:
    started: dict[str, Any] = {}
    chunks: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    path, _, query = request.raw_path.partition("?")
    await app(
        {
            "type": "http",
            "http_version": "1.1",
            "scheme": "http",
            "method": request.method,
            "path": request.path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.lower(), value) for name, value in request.raw_headers],
            "client": ("127.0.0.1", 0),
        },
        receive,
        send,
    )
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in started["headers"]}
    return _response(started["status"], headers, b"".join(chunks))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
