"""Couriers compete for tasks over HTTP on the whole laptop stack: each place has one winner, every other
courier is told so with a 409, and how long that takes, also as a ratio to as many readings of one task.

Eight workers a function, so that claims really meet in the table.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import aiohttp

from benchmarks.figures import line, ms, percentile
from benchmarks.riders import LINE, post
from cli import mint, run_state
from local.child import Child, stack

MANY, TASKS, COURIERS = 1000, 20, 200
WORKERS = 8


class Wrong(Exception):
    """Somebody won who may not, or nobody did."""


class Race:
    def __init__(self, client: aiohttp.ClientSession, child: Child, route: str) -> None:
        self._client, self._child, self._route = client, child, route
        self._port = run_state.port_of(child.base)
        self.took: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.won: Counter[str] = Counter()

    async def task(self, quantity: int = 1) -> str:
        bonus = {"amount": "1.00", "currency": "USD"}
        body = {"route": self._route, "bonus": bonus, "deadline": time.time() + 3600, "quantity": quantity}
        made = await post(self._client, self._child.base, "/v1/tasks", body, self.token("admin", "admin"))
        return str(made["task"])

    def token(self, role: str, user: str) -> str:
        return mint.sign(self._port, role, user)

    async def claim(self, task: str, token: str) -> bool:
        """Whether it won."""
        began = time.perf_counter()
        url, headers = f"{self._child.base}/v1/tasks/{task}/claim", {"authorization": f"Bearer {token}"}
        async with self._client.post(url, json={}, headers=headers) as answer:
            said = await answer.json()
        self.took.append(time.perf_counter() - began)
        self.statuses[answer.status] += 1
        if answer.status == 409 and "GET /v1/" not in said["detail"]:
            raise Wrong(f"a refusal that does not say what to do: {said}")
        if answer.status == 200:
            self.won[task] += 1
        return answer.status == 200

    async def check(self, tasks: Sequence[str], quantity: int) -> None:
        """Raises Wrong where the answers or the table tell of anything but one winner a place."""
        for task in tasks:
            shown = await self._get(f"/v1/tasks/{task}")
            if (shown["left"], shown["status"], self.won[task]) != (0, "taken", quantity):
                raise Wrong(f"{task}: {self.won[task]} winners, {shown}")
        trips = [trip["task"] async for trip in self._trips()]
        held = Counter(task for task in trips if task in tasks)
        if held != Counter(dict.fromkeys(tasks, quantity)) or set(self.statuses) - {200, 409}:
            raise Wrong(f"trips {held}, answers {self.statuses}")

    async def _trips(self) -> Any:
        after = ""
        while after is not None:
            page = await self._get(f"/v1/trips?state=claimed&limit=500{after}")
            for trip in page["trips"]:
                yield trip
            after = f"&after={page['next']}" if page["next"] else None

    async def _get(self, path: str, token: str | None = None) -> Any:
        headers = {"authorization": f"Bearer {token or self.token('manager', 'manager')}"}
        async with self._client.get(self._child.base + path, headers=headers) as answer:
            return await answer.json()

    async def read(self, task: str, token: str) -> None:
        began = time.perf_counter()
        await self._get(f"/v1/tasks/{task}", token)
        self.took.append(time.perf_counter() - began)

    def tell(self, name: str, *more: str) -> None:
        answers = f"{self.statuses[200]} + {self.statuses[409]}" if self.statuses else ""
        line(name, answers, ms(percentile(self.took, 0.5)), ms(percentile(self.took, 0.99)), *more)


async def _reads(race: Race) -> float:
    """MANY couriers look at one task at once. Returns the p99 [s]."""
    task = await race.task()
    await asyncio.gather(*(race.read(task, race.token("courier", f"many-0-{i}")) for i in range(MANY)))
    race.tell(f"{MANY} readings of one task")
    return percentile(race.took, 0.99)


async def _one_task(race: Race, quantity: int, reads_s: float) -> None:
    """MANY couriers want one task at once."""
    task = await race.task(quantity)
    tokens = [race.token("courier", f"many-{quantity}-{i}") for i in range(MANY)]
    await asyncio.gather(*(race.claim(task, token) for token in tokens))
    await race.check([task], quantity)
    ratio = percentile(race.took, 0.99) / reads_s
    race.tell(f"{MANY} couriers, 1 task of {quantity}", f"{ratio:.2f} x reads")


async def _many_tasks(race: Race) -> None:
    """COURIERS couriers go through TASKS tasks, each in an order of its own, until they have one."""
    tasks = [await race.task() for _ in range(TASKS)]

    async def go(i: int) -> None:
        token = race.token("courier", f"some-{i}")
        for task in Random(i).sample(tasks, TASKS):  # noqa: S311 - an order, not a secret
            if await race.claim(task, token):
                return

    await asyncio.gather(*(go(i) for i in range(COURIERS)))
    await race.check(tasks, 1)
    race.tell(f"{COURIERS} couriers, {TASKS} tasks")


async def _measure(child: Child) -> None:
    connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=120)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as client:
        body = {"id": "claims", "line": {"type": "LineString", "coordinates": LINE}}
        route = (await post(client, child.base, "/v1/routes", body, child.token("admin")))["route"]
        reads_s = await _reads(Race(client, child, route))
        for quantity in (1, 20):
            await _one_task(Race(client, child, route), quantity, reads_s)
        await _many_tasks(Race(client, child, route))


def run() -> None:
    print("claims, all at once                                    won + 409             p50             p99")
    with stack(WORKERS=WORKERS) as child:
        asyncio.run(_measure(child))
