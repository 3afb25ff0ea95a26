"""One port for everything: APIs, live stream, management of its connections, console."""

from __future__ import annotations

import time
from http import HTTPStatus

from aiohttp import web

from local.bus import api as bus_api
from local.bus.bus import Bus
from local.gateway import connections
from local.gateway.console import LIVE_PATH, Console
from local.gateway.http import HttpGateway
from local.gateway.live import Live
from local.gateway.refusal import Refusal
from local.logs import Log
from local.timers import api
from local.timers.timers import Timers


class Gateway:
    def __init__(
        self,
        http: HttpGateway,
        live: Live | None,
        console: Console,
        timers: Timers,
        bus: Bus,
        log: Log,
    ) -> None:
        self.http, self._live, self._console = http, live, console
        self._timers, self._bus, self._log = timers, bus, log

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        began = time.perf_counter()
        path = request.path
        if self._live is not None and path.startswith(connections.PATH):
            return await connections.manage(self._live, request)
        if path.startswith(api.PATH):
            return await api.manage(self._timers, request)
        if path.startswith(bus_api.PATH):
            return await bus_api.manage(self._bus, request)
        try:
            answer = await self._answer(request, path)
        except Refusal as refusal:
            answer = refusal.response()
        took_ms = (time.perf_counter() - began) * 1000
        self._log.say(
            "http", f"{request.method} {path} {answer.status} {took_ms:.0f} ms", _level(answer.status)
        )
        return answer

    def forget_verdicts(self) -> None:
        """An authorizer may have changed."""
        self.http.forget_verdicts()

    async def _answer(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        if path == "/config.json":
            return self._console.config()
        if path == LIVE_PATH:
            if self._live is None:
                raise Refusal(HTTPStatus.NOT_FOUND, "The templates have no WebSocket API.")
            return await self._live.connect(request)
        return await self.http.handle(request) or await self._console.file(request)


def _level(status: int) -> str:
    return "ERROR" if status >= 500 else "WARNING" if status >= 400 else ""
