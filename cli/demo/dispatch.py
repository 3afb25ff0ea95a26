"""Tasks for the demo: a stock of open ones that couriers and visitors compete for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from cli.replay.api import Api, Json
from cli.replay.courier import Courier
from cli.replay.credential import Credential
from cli.replay.places import Place
from geo.route import CompiledRoute
from telemetry.clock import Clock

OPEN = 6  # tasks that a visitor finds to claim
DEADLINE_S = (2700.0, 9000.0)
RIDE_S = 1800.0  # a task whose deadline is nearer than this is not begun
BEGUN = ("abandoned", "paused", "started")
"""States in which a courier cannot start another trip."""
BONUS_STEPS = (0, 50, 100, 150, 250, 400)  # fen on top of the route's bonus


@dataclass(frozen=True, slots=True)
class OnRoute:
    place: Place
    compiled: CompiledRoute


@dataclass(frozen=True, slots=True)
class Dispatch:
    """routes: by reference."""

    api: Api
    admin: Credential
    routes: Mapping[str, OnRoute]
    clock: Clock
    chance: Random

    async def stock(self) -> None:
        """Make open tasks until there are OPEN of them."""
        there = len(await self._open())
        routes = list(self.routes)
        for i in range(there, OPEN):
            await self.make(routes[i % len(routes)])

    async def make(self, route: str) -> Json:
        place = self.routes[route].place
        fen = round(float(place.bonus) * 100) + self.chance.choice(BONUS_STEPS)
        deadline = self.clock() + self.chance.uniform(*DEADLINE_S)
        amount = f"{fen // 100}.{fen % 100:02}"
        return await self.api.make_task(self.admin, route, place.title, amount, round(deadline / 60) * 60)

    async def left(self) -> dict[str, Json]:
        """By courier, the trip that each has begun, or else claimed, on the demo's routes."""
        return {
            trip["courier"]: trip
            for state in ("claimed", *BEGUN)
            async for trip in self.api.trips_that_are(self.admin, state)
            if trip["route"] in self.routes
        }

    async def own(self, courier: Courier, route: str) -> Json:
        """The courier's trip of a task on `route` made for them, unless somebody was quicker."""
        made = await self.make(route)
        return await self.api.claim(courier.credential, made["task"]) or await self.claim(courier)

    async def claim(self, courier: Courier) -> Json:
        """The courier's trip of the open task whose deadline comes first; another takes its place in the
        stock.
        """
        for task in await self._open():
            if claimed := await self.api.claim(courier.credential, task["task"]):
                await self.make(task["route"])
                return claimed
        return await self.own(courier, self.chance.choice(list(self.routes)))

    async def _open(self) -> list[Json]:
        soon = self.clock() + RIDE_S
        found = [
            task
            async for task in self.api.tasks_that_are(self.admin, "open")
            if task["route"] in self.routes and task["deadline"] > soon
        ]
        return sorted(found, key=lambda task: task["deadline"])
