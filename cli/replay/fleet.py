"""A fleet of couriers replayed through the public API: enlisted, sent off together, waited for."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from cli.replay.api import Api, Refused
from cli.replay.courier import Courier, enlist
from cli.replay.credential import Credential
from cli.replay.pace import Pace, Timeline
from cli.replay.phone import World
from cli.replay.recorded import Recorded
from cli.replay.simulator import Made, Ride, Rider, chance, every
from cli.replay.transport import Unreachable
from geo.route import CompiledRoute

AT_ONCE = 8  # enlistments; passwords are slow to hash by design
DEADLINE_S = 86_400.0
REST_S = (20.0, 60.0)


@dataclass(frozen=True, slots=True)
class Leg:
    """One trip to make: on which route, and its pings, from `start_s` on [s, Unix]."""

    route: str
    start_s: float
    pings: Iterator[Made]


@dataclass(frozen=True, slots=True)
class Plan:
    """What one courier does in `duration_s` of its own time; `legs` starts it at a time [s, Unix]."""

    duration_s: float
    legs: Callable[[float], Iterator[Leg]]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """interval_s: between pings; batch: pings an upload."""

    interval_s: float
    batch: int


def recorded(trip: Recorded, route: str) -> Plan:
    def legs(start_s: float) -> Iterator[Leg]:
        yield Leg(route, start_s, trip.pings(start_s))

    return Plan(trip.duration_s, legs)


def simulated(
    routes: Sequence[tuple[str, CompiledRoute]], seed: str, rhythm: Rhythm, duration_s: float
) -> Plan:
    """Rides on the routes in turn until the time is over, with a rest between them; the same seed, the same
    rides. The first one began up to an upload's time earlier, so that a fleet does not upload in step.
    """

    def legs(start_s: float) -> Iterator[Leg]:
        draw = chance(seed, "legs")
        end_ms = round((start_s + duration_s) * 1000)
        start = start_s - draw.uniform(0, rhythm.interval_s * rhythm.batch)
        for n, (route, compiled) in enumerate(itertools.cycle(routes)):
            if start * 1000 > end_ms:
                return
            ride = Ride(compiled, Rider(), f"{seed}/{n}")
            pings = ride.pings(start, every(rhythm.interval_s))
            yield Leg(route, start, itertools.takewhile(lambda ping: ping.t_ms <= end_ms, pings))
            start += ride.motion().arrive() + rhythm.interval_s + draw.uniform(*REST_S)

    return Plan(duration_s, legs)


@dataclass(frozen=True, slots=True)
class Fleet:
    """prefix: of the couriers' names; new for each run, as no trip may start inside an earlier one."""

    api: Api
    world: World
    admin: Credential
    pace: Pace
    batch: int
    prefix: str

    async def run(self, plans: Sequence[Plan], seed: int, ready: Callable[[], None]) -> None:
        """One courier a plan. What goes wrong for one is counted and stops no other."""
        gate = asyncio.Semaphore(AT_ONCE)
        password = secrets.token_urlsafe(16)  # nobody else signs in as one of them

        async def enlisted(i: int) -> Courier | None:
            name = f"{self.prefix}-{i + 1:03}"
            courier = None
            async with gate:
                with self._counted():
                    draw = chance(seed, f"phone {i}")
                    await self.api.add_user(self.admin, name, "courier", name, password)
                    credential = Credential(lambda: self.api.sign_in(name, password))
                    courier = await enlist(self.api, self.world, self.admin, name, credential, draw)
                    self.world.figures.enlisted += 1
            return courier

        couriers = await asyncio.gather(*(enlisted(i) for i in range(len(plans))))
        ready()
        now = self.world.clock()
        await asyncio.gather(
            *(self._go(c, plan, now) for c, plan in zip(couriers, plans, strict=True) if c is not None)
        )

    async def _go(self, courier: Courier, plan: Plan, now: float) -> None:
        start_s = self.pace.start(now, plan.duration_s)
        timeline = Timeline(self.pace, start_s, now, self.world.clock, self.world.sleep)
        end_s = start_s + plan.duration_s
        with self._counted():
            for leg in plan.legs(start_s):
                await timeline.until(leg.start_s)
                deadline = self.world.clock() + DEADLINE_S
                task = await self.api.make_task(self.admin, leg.route, "Replay", "1.00", deadline)
                await self.api.claim(courier.credential, task["task"])
                trip = await courier.start(task["task"], leg.start_s)
                last = await courier.ride(leg.pings, timeline.until, self.batch, end_s=end_s)
                await courier.finish(trip, last or leg.start_s)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        try:
            yield
        except (Refused, Unreachable) as error:
            self.world.figures.failed(str(error))
