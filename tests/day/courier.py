"""One courier: finds tasks, competes for them, rides, sends photos, finishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from cli.replay.api import Json, Refused
from cli.replay.courier import Courier
from cli.replay.credential import Credential
from cli.replay.effects import Effect, Gaps, NoFix, Noise
from cli.replay.motion import Detour
from cli.replay.simulator import Made, Ride, Rider, chance, every
from cli.replay.transport import Outgoing
from tests.day.cast import Part
from tests.day.phone import FULL, Charged
from tests.day.world import Ridden, World

INTERVAL_S, BATCH = 10.0, 6
ORDINARY: tuple[Effect, ...] = (Noise(), NoFix(Gaps(apart_s=3600, shortest_s=20, longest_s=60)))
REST_S = (60.0, 240.0)
PATIENCE_S = 1800.0
"""How long somebody waits for what the stack is to do by itself."""
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40


@dataclass(frozen=True, slots=True)
class Plan:
    """How a ride goes. detours: with out_m 0 it is a stand."""

    detours: tuple[Detour, ...] = ()
    effects: tuple[Effect, ...] = ()


@dataclass
class Hand:
    """A courier with a phone. passed: trips that a manager gave them; rides: so many so far; gone: they
    ride no more.
    """

    world: World
    name: str
    who: Credential
    courier: Courier
    charged: Charged
    draw: Random
    passed: list[Json] = field(default_factory=list)
    rides: int = 0
    gone: bool = False
    place: tuple[float, float] = (31.23, 121.47)

    # ── finding and claiming ──

    async def find(self) -> Json | None:
        """A trip won in the competition; None where there is nothing near."""
        lat, lon = self.place
        near = f"/v1/tasks?near={lat:.5f},{lon:.5f}&within=30000&limit=10"
        tasks = (await self.world.get(self.who, near))["tasks"]
        self.draw.shuffle(tasks)
        for task in tasks[:4]:
            if trip := await self.claim(task["task"]):
                return trip
        return None

    async def claim(self, task: str) -> Json | None:
        """None where somebody was quicker. Now and then the answer is lost, and the request comes again."""
        key = f"{self.name}-{task}-{self.draw.randrange(10**9)}"
        try:
            trip = await self.world.post(self.who, f"/v1/tasks/{task}/claim", key=key)
        except Refused as refused:
            if refused.status != 409:
                raise
            self.world.count["claims lost to others"] += 1
            return None
        self.world.count["claims won"] += 1
        if self.draw.random() < 0.1:
            again = await self.world.post(self.who, f"/v1/tasks/{task}/claim", key=key)
            self.world.count["requests sent again under their key"] += 1
            if again != trip:
                self.world.broken.append(f"{key}: the claim was answered {again}, and {trip} before")
        return trip

    async def commissioned(self, **terms: Any) -> Json:
        """A trip of a task that is for this courier alone."""
        task = await self.commission(**terms)
        trip = await self.claim(task)
        if trip is None:
            raise AssertionError(f"{self.name} alone could claim {task}, and did not get it")
        return trip

    async def commission(self, **terms: Any) -> str:
        world, now = self.world, self.world.hours.now()
        body: Json = {
            "route": self.draw.choice(list(world.roads)), "title": f"For {self.name}", "tags": [self.name],
            "bonus": {"amount": "9.00", "currency": "CNY", "rules": {"on_time": {"reward": "1.00"}}},
            "deadline": now + 10_800,
        }  # fmt: skip
        return str((await world.post(world.admin, "/v1/tasks", body | terms))["task"])

    # ── riding ──

    async def begin(self, trip: Json, part: Part, plan: Plan | None = None) -> tuple[Ridden, list[Made]]:
        """Start a claimed trip. All its pings are made from its seed."""
        world, plan = self.world, plan or Plan()
        opens = trip["start_from"] or 0
        if opens > world.hours.now() + 30:
            await world.refused(self.who, f"/v1/trips/{trip['trip']}/start")
        await world.hours.until(opens + 1)
        said = await world.post(self.who, f"/v1/trips/{trip['trip']}/start")
        road, start = world.roads[trip["route"]], said["started_at"]
        ridden = Ridden(trip["trip"], self.name, part, road, started_s=start)
        ridden.strayed_m = sum(2 * detour.out_m for detour in plan.detours)
        world.truth[ridden.trip] = ridden
        self.rides += 1
        rider = Rider(detours=plan.detours, effects=(*ORDINARY, *plan.effects))
        ride = Ride(road.compiled, rider, f"{world.size.seed}/{self.name}/{self.rides}")
        self.charged.percent = FULL - self.draw.randrange(10)
        return ridden, list(ride.pings(start, every(INTERVAL_S)))

    async def send(self, pings: Sequence[Made]) -> None:
        await self.courier.ride(pings, self.world.hours.until, BATCH)
        if pings:
            self.place = (pings[-1].lat, pings[-1].lon)

    async def arrive(
        self, trip: Json, ridden: Ridden, pings: Sequence[Made], at: float | None = None
    ) -> None:
        """Photos where they are asked for, and the finish, at the last ping or `at` [s, Unix]."""
        if trip["photos"]:
            await self.world.refused(self.who, f"/v1/trips/{ridden.trip}/finish")
            for _ in range(trip["photos"]):
                await self.photograph(ridden.trip)
        at = pings[-1].t_ms / 1000 if at is None else at
        said = await self.world.post(self.who, f"/v1/trips/{ridden.trip}/finish", {"at": at})
        self.ended(ridden, pings, said)

    def ended(self, ridden: Ridden, pings: Sequence[Made], said: Json) -> None:
        ridden.finished_s = said["finished_at"]
        ridden.along_m = max(p.along_m for p in pings if p.t_ms / 1000 <= ridden.finished_s + 0.001)

    async def proposed(self, trip: str, last: Made) -> tuple[Made, Json]:
        """Stays at the end, with the phone on, until the finish is proposed."""
        gives_up = self.world.hours.now() + PATIENCE_S
        while self.world.hours.now() < gives_up:
            times = [last.t_ms + round(1000 * INTERVAL_S) * i for i in range(1, BATCH + 1)]
            stay = [last._replace(t_ms=t_ms, ready_ms=t_ms) for t_ms in times]
            last = stay[-1]
            await self.send(stay)
            mine = (await self.world.get(self.who, "/v1/trips?limit=10"))["trips"]
            found = next((it for it in mine if it["trip"] == trip), None)
            if found and found["proposed_at"]:
                return last, found
        raise AssertionError(f"{self.name}: the finish of {trip} was not proposed in {PATIENCE_S:.0f} s")

    async def photograph(self, trip: str) -> None:
        new = {"content_type": "image/jpeg", "size": len(JPEG)}
        photo = await self.world.post(self.who, f"/v1/trips/{trip}/photos", new)
        to = photo["upload"]
        answer = await self.world.send(Outgoing(to["method"], to["url"], to["headers"], JPEG))
        if answer.status != 200:
            raise AssertionError(f"the photo was answered {answer.status}: {answer.body[:200]!r}")
        await self.world.post(self.who, f"/v1/trips/{trip}/photos/{photo['photo']}/confirm")
        self.world.count["photos"] += 1

    # ── a day ──

    async def market(self, part: Part = "plain") -> bool:
        """A ride that was won; whether there was one."""
        if trip := await self.find():
            await self.whole(trip, part)
        return trip is not None

    async def whole(self, trip: Json, part: Part, plan: Plan | None = None) -> None:
        ridden, pings = await self.begin(trip, part, plan)
        await self.send(pings)
        await self.arrive(trip, ridden, pings)

    async def passed_on(self) -> None:
        """Rides what a manager gave them."""
        while self.passed:
            await self.whole(self.passed.pop(0), "plain")

    async def rest(self) -> None:
        await self.world.hours.wait(self.draw.uniform(*REST_S))


def draws(seed: int, name: str) -> Random:
    return chance(seed, f"{name}'s choices")
