"""Between workers and emulator: sees every call that a worker makes, and does to it what is planned."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import orjson
from aiohttp import web
from yarl import URL

from tests.faults.injected import Injected
from tests.faults.plan import Plan

SENDER = "AWS_SDK_UA_APP_ID"
"""The variable by which a worker's calls carry its name: function and id."""
GHOST_S = 7.0
"""Longer than any client here waits for an answer."""
_SKIPPED = {"host", "connection", "content-length", "expect", "transfer-encoding", "keep-alive"}

Kill = Callable[[str, int], bool]
"""SIGKILL to a worker, by its function's logical id and its own."""


class Proxy:
    def __init__(self, plan: Plan, injected: Injected, kill: Kill) -> None:
        self._plan, self._injected, self._kill = plan, injected, kill
        self.upstream = ""
        self.active = False
        self.address = ""
        self.records = 0
        """That Kinesis has taken from workers."""
        self._ghosts: set[asyncio.Task[Any]] = set()
        self.calls = 0

    @asynccontextmanager
    async def serve(self, port: int) -> AsyncIterator[Proxy]:
        app = web.Application(client_max_size=1 << 28)
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        connector = aiohttp.TCPConnector(limit=0)
        self._session = aiohttp.ClientSession(connector=connector, auto_decompress=False)
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        assert site._server is not None
        self.address = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[attr-defined]
        try:
            yield self
        finally:
            await self.quiet()
            await runner.cleanup()
            await self._session.close()

    async def quiet(self) -> None:
        """Wait for the calls that are still to be carried out."""
        while self._ghosts:
            await asyncio.wait(self._ghosts)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await request.read()
        except ConnectionResetError:  # its worker was killed
            return web.Response(status=400)
        target = request.headers.get("x-amz-target", "")
        operation = target.partition(".")[2] or f"{request.method} object"
        function, worker = _sender(request.headers.get("user-agent", ""))
        self.calls += 1
        fault = self._plan.call(function, operation) if self.active else None
        if fault is None:
            return await self._forward(request, body, target)
        return await self._fail(fault, request, body, target, function, worker)

    async def _fail(
        self, fault: str, request: web.Request, body: bytes, target: str, function: str, worker: int
    ) -> web.StreamResponse:
        self._injected.add(fault)
        if fault in _PARTS:
            return await _PARTS[fault](self, request, body, target)
        if fault == "delayed call":
            await asyncio.sleep(0.05 + (len(body) * 7919 % 500) / 1000)
            return await self._forward(request, body, target)
        if fault == "ghost call":
            self._haunt(request, body, target)
        if fault in ("error after a call", "killed after a call"):
            await self._forward(request, body, target)
        if fault.startswith("killed"):
            self._kill(function, worker)
        if fault.startswith("error"):
            return _error(target)
        return _throttled(target) if fault in ("throttled", "outage") else _cut(request)

    def _haunt(self, request: web.Request, body: bytes, target: str) -> None:
        async def later() -> None:
            await asyncio.sleep(GHOST_S)
            with suppress(aiohttp.ClientError):
                await self._forward(request, body, target)

        task = asyncio.create_task(later())
        self._ghosts.add(task)
        task.add_done_callback(self._ghosts.discard)

    async def _some_records(self, request: web.Request, body: bytes, target: str) -> web.StreamResponse:
        """Every other record is refused, the first one too."""
        ask = orjson.loads(body)
        refused = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "Rate exceeded"}
        told: list[Any] = [refused] * len(ask["Records"])
        if taken := ask["Records"][1::2]:
            answer = await self._forward(request, orjson.dumps({**ask, "Records": taken}), target)
            told[1::2] = orjson.loads(answer.body)["Records"]  # type: ignore[arg-type]
        failed = sum("ErrorCode" in one for one in told)
        return _json({"FailedRecordCount": failed, "Records": told})

    async def _some_keys(self, request: web.Request, body: bytes, target: str) -> web.StreamResponse:
        ask = orjson.loads(body)
        ((table, wanted),) = ask["RequestItems"].items()
        left, kept = wanted["Keys"][::2], wanted["Keys"][1::2]
        said: dict[str, Any] = {"Responses": {table: []}}
        if kept:
            some = {**ask, "RequestItems": {table: {**wanted, "Keys": kept}}}
            said = orjson.loads((await self._forward(request, orjson.dumps(some), target)).body)  # type: ignore[arg-type]
        said["UnprocessedKeys"] = {table: {**wanted, "Keys": left}}
        return _json(said)

    async def _some_statements(self, request: web.Request, body: bytes, target: str) -> web.StreamResponse:
        ask = orjson.loads(body)
        refused = {"Error": {"Code": "ThrottlingError", "Message": "Rate exceeded"}}
        told: list[Any] = [refused] * len(ask["Statements"])
        if some := ask["Statements"][1::2]:
            answer = await self._forward(request, orjson.dumps({**ask, "Statements": some}), target)
            told[1::2] = orjson.loads(answer.body)["Responses"]  # type: ignore[arg-type]
        return _json({"Responses": told})

    async def _forward(self, request: web.Request, body: bytes, target: str) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _SKIPPED}
        url = URL(self.upstream + request.raw_path, encoded=True)
        async with self._session.request(request.method, url, data=body, headers=headers) as answer:
            content = await answer.read()
            kept = {n: v for n, v in answer.headers.items() if n.lower() not in _SKIPPED | {"date", "server"}}
            if target.endswith(".PutRecords") and answer.status == 200:
                said = orjson.loads(content)
                self.records += len(said["Records"]) - said.get("FailedRecordCount", 0)
            return web.Response(status=answer.status, headers=kept, body=content)


_PARTS: dict[str, Callable[[Proxy, web.Request, bytes, str], Awaitable[web.StreamResponse]]] = {
    "partial PutRecords": Proxy._some_records,
    "unprocessed keys": Proxy._some_keys,
    "unwritten items": Proxy._some_statements,
}


def _sender(agent: str) -> tuple[str, int]:
    """`app/IngestReceive-40123` in the user agent."""
    name, _, worker = agent.partition(" app/")[2].partition(" ")[0].rpartition("-")
    return name, int(worker or 0)


def _json(body: Any, status: int = 200) -> web.Response:
    return web.Response(
        status=status, body=orjson.dumps(body), headers={"content-type": "application/x-amz-json-1.0"}
    )


def _throttled(target: str) -> web.Response:
    if not target:
        return _xml(503, "SlowDown")
    return _json({"__type": "ProvisionedThroughputExceededException", "message": "Rate exceeded"}, 400)


def _error(target: str) -> web.Response:
    if not target:
        return _xml(500, "InternalError")
    code = "InternalServerError" if target.startswith("DynamoDB") else "InternalFailure"
    return _json({"__type": code, "message": "Injected"}, 500)


def _xml(status: int, code: str) -> web.Response:
    text = f"<Error><Code>{code}</Code><Message>Injected</Message></Error>"
    return web.Response(status=status, text=text, content_type="application/xml")


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
