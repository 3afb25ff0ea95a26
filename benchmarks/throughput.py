"""The highest rate of uploads that the whole laptop stack sustains: the stream may not fall behind.

A rate is sustained when every upload of a run is acknowledged on schedule and the last one of each
courier is on the board within two seconds after the run.
"""

from __future__ import annotations

import asyncio
import time

from benchmarks.figures import line, ms, percentile
from benchmarks.riders import Rider, post, riders, session
from local.child import Child, stack

COURIERS = 50
SECONDS = 12.0
RATES = (50, 75, 100, 125, 150, 175, 200, 250, 300)
BEHIND_S = 2.0


async def _at(client, child: Child, fleet: list[Rider], rate: int) -> tuple[list[float], float, float]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Acknowledgement times [s], how far the senders fell behind schedule [s], and the board [s]."""
    taken: list[float] = []
    start = time.perf_counter()
    total = int(rate * SECONDS)

    async def send(rider: Rider, turns: range) -> None:
        for turn in turns:
            await asyncio.sleep(max(start + turn / rate - time.perf_counter(), 0))
            upload, began = rider.upload(6), time.perf_counter()
            await post(client, child.base, "/v1/uploads", upload, rider.token)
            taken.append(time.perf_counter() - began)

    await asyncio.gather(*(send(rider, range(i, total, len(fleet))) for i, rider in enumerate(fleet)))
    ended = time.perf_counter()
    manager = child.token("manager")
    wanted = {rider.user: rider.began + rider.sent for rider in fleet}
    while True:
        async with client.get(
            f"{child.base}/v1/fleet", headers={"authorization": f"Bearer {manager}"}
        ) as answer:
            couriers = (await answer.json())["couriers"]
        board = {c["courier"]: c["t"] or 0 for c in couriers}
        if all(board.get(user, 0) >= t - 0.001 for user, t in wanted.items()):
            break
        if time.perf_counter() - ended > 30:
            break
        await asyncio.sleep(0.1)
    return taken, ended - start - SECONDS, time.perf_counter() - ended


async def _measure(child: Child) -> int:
    best = 0
    async with session() as client:
        fleet = await riders(client, child, COURIERS)
        for rate in RATES:
            taken, late, board = await _at(client, child, fleet, rate)
            sustained = late < 0.5 and board < BEHIND_S
            line(
                f"{rate} uploads/s of 6 pings",
                ms(percentile(taken, 0.5)),
                ms(percentile(taken, 0.95)),
                f"{board:.1f} s",
                "sustained" if sustained else "behind",
            )
            if not sustained:
                break
            best = rate
    return best


def run() -> None:
    print("throughput: 50 couriers                                 ack p50         ack p95    on the board")
    with stack(POLL_MS=50) as child:
        best = asyncio.run(_measure(child))
    line("highest rate sustained", f"{best}/s", f"{best / 150:.2f} x 150/s")
