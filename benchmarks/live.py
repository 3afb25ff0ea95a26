"""Upload acknowledged → the update has arrived at a WebSocket, at both poll settings."""

from __future__ import annotations

import asyncio
import random
import time

import aiohttp

from benchmarks.figures import line, ms, percentile
from benchmarks.riders import post, riders, session
from local.child import Child, stack

UPLOADS = 50


async def _measure(child: Child, poll_s: float) -> list[float]:
    async with session() as client:
        (rider,) = await riders(client, child, 1)
        ticket = (await post(client, child.base, "/v1/live/ticket", {}, child.token("manager")))["ticket"]
        address = child.base.replace("http", "ws") + f"/v1/live?ticket={ticket}"
        async with client.ws_connect(address) as socket:
            await socket.send_json({"action": "subscribe"})
            await socket.receive_json(timeout=10)
            taken: list[float] = []
            chance = random.Random(1)  # noqa: S311 - jitter, not a secret
            for _ in range(UPLOADS):
                upload = rider.upload(1)
                await post(client, child.base, "/v1/uploads", upload, rider.token)
                acknowledged = time.perf_counter()
                while (await _newest_lon(socket)) < upload["pings"][-1]["lon"] - 1e-6:
                    pass
                taken.append(max(time.perf_counter() - acknowledged, 0.0))
                # Over a whole interval and more, or the uploads fall into step with the polls.
                await asyncio.sleep(0.05 + chance.uniform(0, 1.5) * poll_s)
            return taken[5:]


async def _newest_lon(socket: aiohttp.ClientWebSocketResponse) -> float:
    while (message := await socket.receive_json(timeout=15))["type"] != "update":
        pass
    return float(message["couriers"]["lon"][0] or 0.0)


def run() -> None:
    print("live: acknowledged -> WebSocket message                     p50             p95")
    for poll_ms, name in ((50, "polls every 50 ms"), (1000, "polls every 1 s, as AWS")):
        with stack(POLL_MS=poll_ms) as child:
            taken = asyncio.run(_measure(child, poll_ms / 1000))
        line(name, ms(percentile(taken, 0.5)), ms(percentile(taken, 0.95)))
