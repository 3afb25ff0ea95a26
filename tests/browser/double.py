"""A server that speaks the console's contract and does what a test says: drops, refuses, goes back in time.

The whole flow is tested on the real stack (test_console.py); this is for what a healthy stack does not do.
"""

from __future__ import annotations

import asyncio
import base64
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import WSCloseCode, web

from telemetry.frames import FIELDS, columns, snapshots

DIST = Path(__file__).resolve().parents[2] / "console" / "dist"
TILE = base64.b64decode(  # one green pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PASSWORD = "a long password"
ROLES = {"mei": "manager", "root": "admin", "li": "courier"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self' ws:; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The strictest policy that the console works under."""
Row = dict[str, Any]
EMPTY: Row = dict.fromkeys(set(FIELDS) - {"courier", "state", "version"}) | {"mock": 0, "implausible": 0}


@dataclass
class Double:
    routes: dict[str, Row] = field(default_factory=dict)
    """GeoJSON features by `id@version`."""
    rows: dict[str, Row] = field(default_factory=dict)
    alerts: dict[str, Row] = field(default_factory=dict)
    trips: dict[str, Row] = field(default_factory=dict)
    tiles: str | None = None
    """Path of a raster tile template."""
    style: str | None = None
    """Path of a map style."""
    refusing: int | None = None
    """Answer tickets with this status."""
    muted: bool = False
    """Take messages, answer none."""
    lasts_s: float = 3600.0
    asked: list[str] = field(default_factory=list)
    """What clients have sent: actions and `ticket`."""
    base: str = ""
    _sockets: set[web.WebSocketResponse] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def put(self, courier: str, **row: Any) -> Row:
        """A courier as the live item holds it; nobody is told. The version is the next one, or as given."""
        before = self.rows.get(courier, EMPTY | {"courier": courier, "state": "idle", "version": 1_000})
        self.rows[courier] = before | {"version": before["version"] + 1} | row
        return self.rows[courier]

    def move(self, courier: str, **row: Any) -> None:
        """`put`, and an update to every subscriber."""
        self.send([self.put(courier, **row)])

    def send(self, rows: list[Row], at: float | None = None) -> None:
        """An update with these rows, whatever they say."""
        self.say({"type": "update", "at": at or time.time(), "couriers": columns(rows)})

    def say(self, message: Any) -> None:
        self._run(self._broadcast(message))

    def alert(self, name: str, kind: str, courier: str, event: str = "raised", **change: Any) -> None:
        """Keep an alert and tell of it as the live stream does."""
        usual = {
            "alert": name,
            "kind": kind,
            "courier": courier,
            "title": "Parcels",
            "raised_at": time.time(),
        }
        usual |= {
            "raised_at": time.time(),
            "closed_at": None,
            "acknowledged_at": None,
            "acknowledged_by": None,
        }
        self.alerts[name] = usual | self.alerts.get(name, {}) | change
        told = {"id": f"{name}/{event}", "type": f"alert.{event}", "data": self.alerts[name]}
        self.say({"type": "events", "at": time.time(), "events": [told]})

    def drop(self) -> None:
        """Cut every connection."""
        self._run(self._close())

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _broadcast(self, message: Any) -> None:
        for socket in list(self._sockets):
            with suppress(ConnectionResetError):  # it has just left
                await socket.send_json(message)

    async def _close(self) -> None:
        for socket in list(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    async def config(self, request: web.Request) -> web.Response:
        apis = dict.fromkeys(("pipeline", "accounts", "tasks"), self.base)
        live = self.base.replace("http", "ws") + "/v1/live"
        map_ = {
            "tiles": self.tiles and self.base + self.tiles,
            "style": self.style and self.base + self.style,
            "attribution": "© Map people" if self.tiles or self.style else None,
        }
        return web.json_response({"apis": apis, "live": live, "fleet": "demo", "map": map_})

    async def session(self, request: web.Request) -> web.Response:
        said = await request.json()
        if said["user"] not in ROLES or said["password"] != PASSWORD:
            return problem(401, "The user or the password is wrong.")
        ends = time.time() + self.lasts_s
        who = {"user": said["user"], "fleet": said["fleet"], "role": ROLES[said["user"]]}
        return web.json_response({"token": "t", "expires_at": ends} | who)

    async def listed(self, request: web.Request) -> web.Response:
        return web.json_response({"routes": [route["properties"] for route in self.routes.values()]})

    async def route(self, request: web.Request) -> web.Response:
        found = self.routes.get(request.match_info["route"])
        return web.json_response(found) if found else problem(404, "There is no such route.")

    async def trip(self, request: web.Request) -> web.Response:
        found = self.trips.get(request.match_info["trip"])
        return (
            web.json_response({"trip": found, "lines": []})
            if found
            else problem(404, "There is no such trip.")
        )

    async def open_alerts(self, request: web.Request) -> web.Response:
        found = [it for it in self.alerts.values() if it["closed_at"] is None]
        return web.json_response({"alerts": found, "next": None})

    async def acknowledge(self, request: web.Request) -> web.Response:
        found = self.alerts[request.match_info["alert"]]
        found |= {"acknowledged_at": time.time(), "acknowledged_by": "mei"}
        return web.json_response(found)

    async def ticket(self, request: web.Request) -> web.Response:
        self.asked.append("ticket")
        if self.refusing:
            return problem(self.refusing, "Not now.")
        return web.json_response({"ticket": "k", "expires_at": time.time() + 60}, status=201)

    async def live(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        try:
            async for message in socket:
                action = message.json()["action"]
                self.asked.append(action)
                if self.muted:
                    continue
                if action == "subscribe":
                    self._sockets.add(socket)
                    await socket.send_json({"type": "subscribed", "topic": "fleet/demo"})
                else:
                    for frame in snapshots(list(self.rows.values()), time.time(), str(len(self.asked))):
                        await socket.send_str(frame.decode())
        finally:
            self._sockets.discard(socket)
        return socket

    async def tile(self, request: web.Request) -> web.Response:
        self.asked.append("tile")
        return web.Response(body=TILE, content_type="image/png")

    async def map_style(self, request: web.Request) -> web.Response:
        self.asked.append("style")
        land = {"id": "land", "type": "background", "paint": {"background-color": "#cfe3cf"}}
        return web.json_response({"version": 8, "sources": {}, "layers": [land]})

    async def broken(self, request: web.Request) -> web.Response:
        return problem(500, "There is no map.")

    async def file(self, request: web.Request) -> web.FileResponse:
        path = DIST / (request.match_info["path"] or "index.html")
        return web.FileResponse(path, headers={"content-security-policy": POLICY})

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/config.json", self.config)
        app.router.add_post("/v1/session", self.session)
        app.router.add_get("/v1/routes", self.listed)
        app.router.add_get("/v1/routes/{route}", self.route)
        app.router.add_get("/v1/alerts", self.open_alerts)
        app.router.add_post("/v1/alerts/{alert}/acknowledge", self.acknowledge)
        app.router.add_get("/v1/trips/{trip}/audit", self.trip)
        app.router.add_post("/v1/live/ticket", self.ticket)
        app.router.add_get("/v1/live", self.live)
        app.router.add_get("/tiles/{z}/{x}/{y}", self.tile)
        app.router.add_get("/style.json", self.map_style)
        app.router.add_get("/broken/{path:.+}", self.broken)
        app.router.add_get("/{path:(?:assets/.+|favicon.svg|)}", self.file)
        return app


@contextmanager
def serving(double: Double, port: int = 0) -> Iterator[Double]:
    """Serve until the block ends; 127.0.0.1, any free port unless one is named."""
    loop = double._loop
    runner = web.AppRunner(double.app(), shutdown_timeout=0.1)

    async def start() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        double.base = f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def stop() -> None:
        await double._close()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        double._run(start())
        yield double
    finally:
        double._run(stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def problem(status: int, detail: str) -> web.Response:
    body = {"type": "about:blank", "title": "No", "status": status, "detail": detail}
    return web.json_response(body, status=status, content_type="application/problem+json")
