"""One of the cast: enlists, catches up on what was buffered, rides, and takes the next task."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from cli.demo.cast import Role
from cli.demo.dispatch import BEGUN, Dispatch
from cli.replay.api import Json, Refused
from cli.replay.courier import Courier, enlist
from cli.replay.credential import Credential
from cli.replay.ledger import Ledger
from cli.replay.pace import Pace, Timeline
from cli.replay.phone import Phone, World
from cli.replay.transport import Unreachable
from telemetry.clock import machine_s

PASSWORD = "milepost-courier"  # noqa: S105 - a laptop's, for whoever wants to look at it as one of the cast
BATCH = 6
LIVE_S = 15.0  # an older ping waits for others
REST_S = (15.0, 45.0)


@dataclass(frozen=True, slots=True)
class Scene:
    """What the cast shares. say: tells what went wrong; on_the_way: hears of every start."""

    dispatch: Dispatch
    world: World
    gate: asyncio.Semaphore
    say: Callable[[str], None]
    on_the_way: Callable[[Role], None]


@dataclass
class DemoRider:
    """first: the route of its first trip; left: a trip of an earlier demo."""

    scene: Scene
    role: Role
    credential: Credential
    first: str
    left: Json | None
    chance: Random
    turn: int = 0
    lost: bool = False
    """Whether it does not know what became of its last task."""

    async def ride(self) -> None:
        """Trip after trip; the silent one stops in its first."""
        courier: Courier | None = None
        while True:
            try:
                courier = courier or await self._enlist()
                if await self._trip(courier):
                    return
                self.turn += 1
            except (Refused, Unreachable) as error:
                self.lost = courier is not None
                self.scene.say(f"{self.role.user}: {error}")
            await self.scene.world.sleep(machine_s(self.chance.uniform(*REST_S)))

    async def _enlist(self) -> Courier:
        scene, user = self.scene, self.role.user
        api, admin = scene.dispatch.api, scene.dispatch.admin
        async with scene.gate:
            await api.add_user(admin, user, "courier", self.role.name, PASSWORD)
            return await enlist(api, scene.world, admin, user, self.credential, self.chance)

    async def _trip(self, courier: Courier) -> bool:
        """Whether it ended in silence. Raises Refused, Unreachable."""
        # A ledger a trip, or it would grow for as long as the demo runs.
        world = replace(self.scene.world, ledger=Ledger())
        phone = Phone(world, courier.user, courier.phone.device, courier.credential, self.chance)
        courier = replace(courier, world=world, phone=phone)
        clock = world.clock

        first = self.turn == 0 and not self.lost
        backlog_s = self.role.backlog_s() if first else 0.0
        task, start_s = await self._task(courier, clock() - backlog_s)
        try:
            trip = await courier.start(task, start_s)
        except Refused as refused:
            if refused.status != 409:
                raise
            trip = await courier.start(task, None)  # start_s lies inside an earlier trip
        start_s = trip.started_at
        route = self.scene.dispatch.routes[trip.route].compiled
        if first or self.role.silent:
            pings = self.role.first_ride(route, start_s, clock() - start_s)
        else:
            pings = self.role.next_ride(route, start_s, self.turn)
        timeline = Timeline(Pace(1), start_s, start_s, clock, world.sleep)
        self.scene.on_the_way(self.role)
        last = await courier.ride(
            pings, timeline.until, BATCH, lambda ping: clock() - ping.t_ms / 1000 < LIVE_S
        )
        if self.role.silent:
            return True
        await courier.finish(trip, last or start_s)
        return False

    async def _task(self, courier: Courier, start_s: float) -> tuple[str, float]:
        """A claimed task, and when to start it; a trip begun in an earlier demo is ended then."""
        if self.lost:
            self.left = (await self.scene.dispatch.left()).get(courier.user)
            self.lost = False
        left, self.left = self.left, None
        if left and left["state"] in BEGUN:
            trip = await courier.start(left["task"], None)
            await courier.finish(trip, start_s)
            start_s, left = max(trip.finished_at or start_s, start_s), None
        if left:
            claimed = left
        elif self.turn == 0:
            claimed = await self.scene.dispatch.own(courier, self.first)
        else:
            claimed = await self.scene.dispatch.claim(courier)
        return str(claimed["task"]), start_s
