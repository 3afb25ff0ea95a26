"""Couriers on an active trip of a running stack, ready to upload: what the stack benchmarks share."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from local.child import Child

LINE = [[121.40 + i * 0.001, 31.23] for i in range(200)]
PASSWORD = "a long password"


@dataclass
class Rider:
    """One courier: each upload carries `n` pings, 10 s apart, further along the line."""

    user: str
    token: str
    began: float
    sent: int = 0
    lons: list[float] = field(default_factory=list)

    def upload(self, n: int = 6) -> dict[str, Any]:
        pings = []
        for _ in range(n):
            self.sent += 1
            lon = 121.40 + 0.0005 * self.sent
            pings.append(
                {"t": self.began + self.sent, "lat": 31.23, "lon": lon, "accuracy_m": 7, "speed_mps": 5}
            )
        return {"pings": pings}


async def post(session: aiohttp.ClientSession, base: str, path: str, body: Any, token: str) -> Any:
    """Raises where the answer is no success."""
    async with session.post(base + path, json=body, headers={"authorization": f"Bearer {token}"}) as answer:
        if answer.status >= 300:
            raise RuntimeError(f"{path}: {answer.status} {await answer.text()}")
        return await answer.json()


async def riders(session: aiohttp.ClientSession, child: Child, count: int) -> list[Rider]:
    """Make users, a route, a task each; claim and start. Their windows began an hour ago."""
    base, admin = child.base, child.token("admin")
    line = {"type": "LineString", "coordinates": LINE}
    route = (await post(session, base, "/v1/routes", {"id": "bench", "line": line}, admin))["route"]
    began = time.time() - 3600

    async def ready(i: int) -> Rider:
        user = f"bench-{i:03}"
        body = {"user": user, "role": "courier", "password": PASSWORD}
        await post(session, base, "/v1/users", body, admin)
        token = (await post(session, base, "/v1/session", {"user": user, "password": PASSWORD}, admin))[
            "token"
        ]
        task = {
            "route": route,
            "bonus": {"amount": "1.00", "currency": "USD"},
            "deadline": time.time() + 7200,
        }
        made = (await post(session, base, "/v1/tasks", task, admin))["task"]
        await post(session, base, f"/v1/tasks/{made}/claim", {}, token)
        await post(session, base, f"/v1/tasks/{made}/start", {"at": began}, token)
        return Rider(user, token, began)

    found: list[Rider] = []
    for start in range(0, count, 4):
        found += await asyncio.gather(*(ready(i) for i in range(start, min(start + 4, count))))
    return found


def session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
