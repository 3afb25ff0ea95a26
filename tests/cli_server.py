"""A small counterpart that speaks the public API on a loopback port, for the senders' own tests.

It keeps what it is told and can be told to fail: `faults` are statuses (or None, hang up) to answer
uploads with before the next one is taken.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections import deque
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Counterpart:
    base: str = ""
    users: dict[str, str] = field(default_factory=dict)
    routes: dict[str, dict] = field(default_factory=dict)
    tasks: dict[str, dict] = field(default_factory=dict)
    trips: dict[str, dict] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    uploads: list[tuple[str, list]] = field(default_factory=list)
    """(courier, pings) in the order taken; Overland's points as they came."""
    faults: deque[int | None] = field(default_factory=deque)
    refused: list[str] = field(default_factory=list)
    """Requests to refuse once with a 403."""
    expired: set[str] = field(default_factory=set)
    """Tokens that are refused with a 401."""
    signed_in: int = 0
    clock: Callable[[], float] = time.time

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path, body = request.path, await request.read()
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token in self.expired:
            return web.json_response({"detail": "expired"}, status=401)
        if f"{request.method} {path}" in self.refused:
            self.refused.remove(f"{request.method} {path}")
            return web.json_response({"detail": "told to refuse"}, status=403)
        who = token.partition("#")[0]
        said = json.loads(body) if body else {}
        for pattern, act in ROUTES:
            if found := re.fullmatch(pattern, f"{request.method} {path}"):
                said |= request.query
                status, out = act(self, who, said, *found.groups())
                if status is None:
                    request.transport.close()
                return web.json_response(out, status=status or 500)
        return web.json_response({"detail": f"no route {request.method} {path}"}, status=404)

    def config(self, _who, _said):
        return 200, {"apis": dict.fromkeys(("pipeline", "accounts", "tasks"), self.base)}

    def add_user(self, _who, said):
        if said["user"] in self.users:
            return 409, {"detail": "taken"}
        self.users[said["user"]] = said["password"]
        return 201, said

    def sign_in(self, _who, said):
        if self.users.get(said["user"]) != said["password"]:
            return 401, {"detail": "wrong"}
        self.signed_in += 1
        return 200, {"token": f"{said['user']}#{self.signed_in}"}

    def publish(self, _who, said):
        version = sum(name.startswith(said["id"] + "@") for name in self.routes) + 1
        route = f"{said['id']}@{version}"
        self.routes[route] = said["line"]
        return 201, {"route": route}

    def all_routes(self, _who, _said):
        return 200, {"routes": []}

    def make_task(self, _who, said):
        task = f"tk_{len(self.tasks)}"
        self.tasks[task] = {**said, "task": task, "status": "open", "trip": None}
        return 201, self.tasks[task]

    def list_tasks(self, _who, said):
        return 200, {"tasks": [task for task in self.tasks.values() if task["status"] == said["status"]]}

    def list_trips(self, _who, said):
        return 200, {"trips": [trip for trip in self.trips.values() if trip["state"] == said["state"]]}

    def claim(self, who, _said, task):
        found = self.tasks[task]
        if found["trip"] is None:
            trip = {"trip": f"tr_{len(self.trips)}", "task": task, "route": found["route"], "courier": who}
            self.trips[trip["trip"]] = trip | {"state": "claimed"}
            found |= {"status": "taken", "trip": trip["trip"]}
        trip = self.trips[found["trip"]]
        return (200, trip) if trip["courier"] == who else (409, {"detail": "another has it"})

    def start(self, who, said, task):
        trip = self.trips[self.tasks[task]["trip"]]
        if trip["state"] != "claimed":
            return 201, trip
        at = said.get("at", self.clock())
        if any(at < ridden.get("finished_at", math.inf) for ridden in self.ridden_by(who)):
            return 409, {"detail": "rides already, or rode then"}
        trip |= {"state": "started", "started_at": at}
        return 201, trip

    def ridden_by(self, who):
        return [trip for trip in self.trips.values() if trip["courier"] == who and "started_at" in trip]

    def finish(self, _who, said, trip):
        found = self.trips[trip]
        if said["at"] < found["started_at"]:
            return 400, {"detail": "before the start"}
        found |= {"state": "finished", "finished_at": said["at"]}
        return 200, found

    def add_device(self, _who, said):
        key = f"dk_{len(self.keys)}"
        self.keys[key] = said["courier"]
        return 201, {"device": f"dv_{len(self.keys)}", "key": key}

    def upload(self, who, said):
        if self.faults:
            return self.faults.popleft(), {"detail": "told to fail"}
        self.uploads.append((who, said["pings"]))
        return 200, {"accepted": len(said["pings"]), "rejected": []}

    def overland(self, _who, said, key):
        if self.faults:
            return self.faults.popleft(), {"detail": "told to fail"}
        self.uploads.append((self.keys[key], said["locations"]))
        return 200, {"result": "ok"}


ROUTES = (
    ("GET /config.json", Counterpart.config),
    ("POST /v1/users", Counterpart.add_user),
    ("POST /v1/session", Counterpart.sign_in),
    ("POST /v1/routes", Counterpart.publish),
    ("GET /v1/routes", Counterpart.all_routes),
    ("POST /v1/tasks", Counterpart.make_task),
    ("GET /v1/tasks", Counterpart.list_tasks),
    ("GET /v1/trips", Counterpart.list_trips),
    ("POST /v1/tasks/([^/]+)/claim", Counterpart.claim),
    ("POST /v1/tasks/([^/]+)/start", Counterpart.start),
    ("POST /v1/trips/([^/]+)/finish", Counterpart.finish),
    ("POST /v1/devices", Counterpart.add_device),
    ("POST /v1/uploads", Counterpart.upload),
    ("POST /v1/devices/([^/]+)/overland", Counterpart.overland),
)


@asynccontextmanager
async def counterpart():
    held = Counterpart()
    runner = web.ServerRunner(web.Server(held.answer, access_log=None), shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    held.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield held
    finally:
        await runner.cleanup()
