"""The people who do not ride: an admin publishes and makes tasks, managers look after trips and alerts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from cli.replay.api import Json, Refused
from cli.replay.simulator import chance
from tests.day.cast import bonus
from tests.day.roads import Road, roads
from tests.day.world import World

RULES = {"silent_after_s": 300, "late_by_s": 120, "battery_below_percent": 15}
CRON = "*/15 * * * *"
TOPIC = ["alert.raised", "alert.closed", "alert.acknowledged", "trip.paid"]


@dataclass
class Office:
    """made: tasks of the admin so far. rejected: the trip whose approval was taken back; payouts: made."""

    world: World
    made: int = 0
    schedule: str = ""
    secret: str = ""
    rejected: str = ""
    payouts: list[Json] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)

    # ── before the first courier comes ──

    async def opens(self, hook: str) -> None:
        """Routes, one of them from a GPX file through a draft; rules; a webhook at `hook`; a schedule."""
        world, admin = self.world, self.world.admin
        first, *others = roads(world.size.long)
        world.roads[await self._imported(first)] = first
        for road in others:
            ref = await world.api.publish(admin, road.id, road.name, road.drawn)
            world.roads[ref] = road
        rules = RULES | {"abandon_after_s": world.size.abandon_s}
        await world.put(admin, "/v1/fleet/rules", rules)
        body = {"url": hook, "events": TOPIC}
        self.secret = (await world.put(admin, "/v1/fleet/webhooks/day", body))["secret"]
        task = {"route": next(iter(world.roads)), "title": "Every quarter", "quantity": 2}
        task |= {"bonus": bonus(f"{world.size.seed}/schedule"), "closes_after": 30, "deadline_after": 90}
        asked = {"cron": CRON, "time_zone": "Asia/Shanghai", "task": task}
        self.schedule = (await world.post(admin, "/v1/schedules", asked))["schedule"]

    async def _imported(self, road: Road) -> str:
        admin, api = self.world.admin, self.world.api
        said = {"name": road.name, "time_zone": "Asia/Shanghai"}
        draft = await api.put_draft(admin, road.id, road.gpx(), "application/gpx+xml", said, None)
        if not draft["preview"]["publishable"]:
            raise AssertionError(f"the draft cannot be published: {draft['preview']['warnings']}")
        path = f"/v1/routes/{road.id}/publish"
        return str((await self.world.post(admin, path, {"revision": draft["revision"]}))["route"])

    async def contest(self) -> None:
        """One task of a few places; everybody claims it in the same moment, and the winners ride it."""
        world, now = self.world, self.world.hours.now()
        places = max(2, world.size.couriers // 8)
        terms = self._task(now).items()
        body = {name: it for name, it in terms if name not in {"tags", "opens", "start_from"}}
        body |= {"title": "First come", "quantity": places}
        task = (await world.post(world.admin, "/v1/tasks", body))["task"]
        world.contest.task, world.contest.quantity = task, places
        trips = await asyncio.gather(*(hand.claim(task) for hand in world.hands))
        for hand, trip in zip(world.hands, trips, strict=True):
            (world.contest.won if trip else world.contest.lost).append(hand.name)
            hand.passed += [trip] if trip else []

    # ── by day ──

    async def by_day(self) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._every(300, self.offer))
            group.create_task(self._every(240, self.approve))
            group.create_task(self._every(180, self.answer))
            group.create_task(self._every(7200, self.pay))

    async def _every(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            await act()
            await self.world.hours.wait(seconds)

    async def offer(self) -> None:
        """As many open places as half of the couriers may want."""
        world = self.world
        there = [task async for task in world.pages(world.manager, "tasks", status="open")]
        places = sum(task["left"] for task in there if not task["tags"] or task["tags"] == ["bike"])
        while places < world.size.couriers // 2 + 3 and world.hours.now() < world.last_start_s:
            task = await world.post(world.admin, "/v1/tasks", self._task(world.hours.now()))
            places += task["quantity"]
            if chance(world.size.seed, f"withdraw {self.made}").random() < 0.04:
                await world.post(world.admin, f"/v1/tasks/{task['task']}/withdraw")
                world.count["tasks withdrawn"] += 1

    def _task(self, now: float) -> Json:
        self.made += 1
        seed = f"{self.world.size.seed}/task {self.made}"
        draw = chance(seed, "terms")
        until = now + draw.uniform(1800, 5400)
        body: dict[str, Any] = {
            "route": draw.choice(list(self.world.roads)), "title": f"Round {self.made}", "bonus": bonus(seed),
            "quantity": draw.choice((1, 1, 2, 3)), "start_until": until, "closes": until - 600,
            "deadline": until + draw.uniform(1800, 5400),
        }  # fmt: skip
        if draw.random() < 0.3:
            body["tags"] = ["bike"]
        if draw.random() < 0.2:
            body["photos"] = 1
        if draw.random() < 0.2:
            body["start_from"] = now + 120
        if draw.random() < 0.15:
            body["opens"] = now + 180
        return body

    async def approve(self) -> None:
        """By the revision that was looked at. One of them is taken back, and approved again."""
        world = self.world
        for trip in [it async for it in world.pages(world.manager, "trips", state="settled")]:
            path = f"/v1/trips/{trip['trip']}"
            shown = (await world.get(world.manager, f"{path}/bonus"))["calculation"]
            try:
                await world.post(world.manager, f"{path}/approve", {"revision": shown["revision"]})
            except Refused as refused:
                if refused.status != 409:
                    raise
                world.count["approvals of what was settled anew meanwhile"] += 1
                continue
            if not self.rejected:
                self.rejected = trip["trip"]
                await world.post(world.other, f"{path}/reject", {"note": "The photo shows another gate."})
                await world.post(world.manager, f"{path}/approve", {"note": "It is the other entrance."})

    async def answer(self) -> None:
        """A manager says that they see to the first open alert of each kind."""
        async for alert in self.world.pages(self.world.manager, "alerts", state="open"):
            if alert["kind"] not in self.acknowledged:
                self.acknowledged.add(alert["kind"])
                await self.world.post(self.world.manager, f"/v1/alerts/{alert['alert']}/acknowledge")

    async def pay(self) -> None:
        """Everything that is approved."""
        while True:
            try:
                self.payouts.append(await self.world.post(self.world.admin, "/v1/payouts"))
            except Refused as refused:
                if refused.status != 409:
                    raise
                return

    # ── in the evening ──

    async def trips(self, *states: str) -> list[Json]:
        pages = (self.world.pages(self.world.manager, "trips", state=state) for state in states)
        return [trip for page in pages async for trip in page]

    async def closes(self) -> None:
        """No tasks any more; who was given up is cancelled."""
        world = self.world
        await world.api.call("DELETE", f"{world.api.tasks}/v1/schedules/{self.schedule}", world.admin)
        for trip in await self.trips("abandoned"):
            note = {"note": "Not heard of again"}
            await world.post(world.manager, f"/v1/trips/{trip['trip']}/cancel", note)
