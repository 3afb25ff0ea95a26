"""A warm request through the laptop gateway and the authorizer, against the gateway alone."""

from __future__ import annotations

import asyncio
import time

from benchmarks.figures import line, ms, percentile
from benchmarks.riders import session
from local.child import stack

REQUESTS = 400


async def _measure(base: str, token: str) -> None:
    async with session() as client:

        async def timed(path: str) -> list[float]:
            taken = []
            for _ in range(REQUESTS):
                start = time.perf_counter()
                async with client.get(base + path, headers={"authorization": f"Bearer {token}"}) as answer:
                    await answer.read()
                    assert answer.status == 200, (path, answer.status)  # noqa: S101
                taken.append(time.perf_counter() - start)
            return taken[20:]

        alone = await timed("/config.json")
        whole = await timed("/v1/fleet")
        line("GET /config.json (gateway alone)", ms(percentile(alone, 0.5)), ms(percentile(alone, 0.95)))
        line(
            "GET /v1/fleet (gateway, authorizer, function)",
            ms(percentile(whole, 0.5)),
            ms(percentile(whole, 0.95)),
        )
        ratio = percentile(whole, 0.5) / percentile(alone, 0.5)
        line("ratio of the medians; limit for the second: 15 ms", f"{ratio:.1f} x")


def run() -> None:
    print("request: a warm request, one at a time                      p50             p95")
    with stack() as child:
        asyncio.run(_measure(child.base, child.token("manager")))
