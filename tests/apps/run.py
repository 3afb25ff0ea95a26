"""Each app rides once in each trouble; then what the stack stored is compared with what the phones made."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from cli.replay.api import Api
from cli.replay.credential import Credential
from cli.replay.effects import Noise
from cli.replay.play import Played, Player
from cli.replay.queues import NEVER
from cli.replay.queues.gpslogger import GpsLoggerQueue
from cli.replay.simulator import Made, Ride, Rider, chance, every
from cli.replay.transport import Outgoing, Send, network
from cli.site import Site
from geo.drawing import compile_route
from telemetry.history import Sighting
from telemetry.ping import UNKNOWN
from tests.apps.cast import APPS, App
from tests.apps.front import TROUBLES, Front
from tests.apps.stores import Stored, look
from tests.faults.truth import FLEET, wire
from tests.rides import line

LINE = line([(i * 800, 250 * (i % 2)) for i in range(30)], angle=25)
FIXES, INTERVAL_S = 90, 10.0
FROM_S, UNTIL_S = 60.0, 660.0
"""The trouble, in the ride's time: ten minutes."""
BAD = (3, 30)
"""Fixes that nobody can take: their latitude is 95."""
APART_S, PATIENCE_S = 1300.0, 1200.0
"""From one ride of a courier to the next; how long an app may be busy after its last fix."""
PASSWORD = "a long password"


@dataclass
class Result:
    """One ride. waiting, given_up: the times [ms] of what is in the queue at its end, and of what the app
    dropped and has nowhere else; dropped: how many it dropped; behind_s: from the trouble's end until nothing
    waited [s].
    """

    app: App
    trouble: str
    courier: str
    trip: str
    device: str
    made: list[Made]
    played: Played
    waiting: set[int]
    given_up: set[int]
    dropped: int
    behind_s: float
    stored: int = 0
    double: int = 0
    lost: int = 0
    wrong: int = 0
    """Stored, but not as it was made."""

    def good(self) -> dict[int, Made]:
        return {ping.t_ms: ping for ping in self.made if abs(ping.lat) <= 90}

    @property
    def stuck(self) -> bool:
        return self.app.empties and (bool(self.waiting) or self.behind_s == NEVER)

    def due(self) -> set[int]:
        """What must be stored."""
        return self.good().keys() - self.waiting - self.given_up


async def play(
    base: str,
    site: Site,
    admin: Callable[[], Awaitable[str]],
    apps: Sequence[App] = APPS,
    troubles: Sequence[str] = TROUBLES,
    drain_s: float = 30.0,
) -> tuple[list[Result], Stored]:
    """One ride of each app in each trouble; drain_s: how long what is missing may still come [s]."""
    async with network() as send:
        api = await Api.find(base, send, asyncio.sleep, chance(1, "api"))
        boss = Credential(admin)
        route = await api.publish(boss, "apps-street", "Apps", LINE)
        now = float(int(time.time()))
        prefix = f"apps-{time.time_ns():x}"
        rides = [
            _App(api, boss, send, app, troubles, f"{prefix}-{i:02}", route, now) for i, app in enumerate(apps)
        ]
        results = [
            result for found in await asyncio.gather(*(ride.all() for ride in rides)) for result in found
        ]
    stored = await asyncio.to_thread(_settled, site, results, drain_s)
    for result in results:
        _judge(result, stored)
    return results, stored


@dataclass
class _App:
    """One app on one courier's phone; its rides follow each other."""

    api: Api
    admin: Credential
    send: Send
    app: App
    troubles: Sequence[str]
    courier: str
    route: str
    now: float

    async def all(self) -> list[Result]:
        await self.api.add_user(self.admin, self.courier, "courier", self.courier, PASSWORD)
        rider = Credential(lambda: self.api.sign_in(self.courier, PASSWORD))
        device = {"device": "app", "key": await rider.token()}
        if self.app.form.uses_key:
            device = await self.api.add_device(self.admin, self.courier, "phone")
        return [await self._ride(i, trouble, rider, device) for i, trouble in enumerate(self.troubles)]

    async def _ride(self, i: int, trouble: str, rider: Credential, device: dict[str, str]) -> Result:
        start = self.now - APART_S * (len(self.troubles) - i)
        task = await self.api.make_task(self.admin, self.route, "Apps", "1.00", self.now + 86_400)
        await self.api.claim(rider, task["task"])
        trip = await self.api.start(rider, task["task"], start)
        made = _made(f"{self.app.name}/{trouble}", start)

        def encode(pings: Sequence[Made]) -> Outgoing:
            return self.app.form.encode(self.api.pipeline, device["device"], device["key"], pings)

        front = Front(self.send, self.app.form, encode, trouble, start + FROM_S, start + UNTIL_S)
        queue = self.app.queue()
        player = Player(queue, front)
        ended_s = await player.ride(made, start + FIXES * INTERVAL_S + PATIENCE_S)
        given_up = set() if isinstance(queue, GpsLoggerQueue) else {p.t_ms for p in queue.dropped}
        result = Result(
            self.app, trouble, self.courier, f"{FLEET}/{trip['trip']}", device["device"], made, player.played,
            {p.t_ms for p in queue.waiting()}, given_up, len(queue.dropped),
            next((at for at in player.played.emptied_s if at >= front.until_s), NEVER) - front.until_s,
        )  # fmt: skip
        if isinstance(queue, GpsLoggerQueue):
            queue.resend(ended_s)
            await Player(queue, front).ride([], ended_s + PATIENCE_S)
        await self.api.finish(rider, trip["trip"], start + APART_S - 100)
        return result


def _made(seed: str, start: float) -> list[Made]:
    ride = Ride(compile_route(LINE), Rider(effects=(Noise(),)), seed)
    made = list(islice(ride.pings(start, every(INTERVAL_S, INTERVAL_S)), FIXES))
    for i in BAD:
        made[i] = made[i]._replace(lat=95.0)
    return made


def _settled(site: Site, results: Sequence[Result], drain_s: float) -> Stored:
    """When every ping is there that must be, or after drain_s; and no live item changes any more."""
    until, before = time.monotonic() + drain_s, Stored()
    while True:
        stored = look(site)
        missing = any(result.due() - _times(result, stored) for result in results)
        if (not missing and stored.versions == before.versions) or time.monotonic() > until:
            return stored
        before = stored
        time.sleep(0.5)


def _times(result: Result, stored: Stored) -> set[int]:
    return {s.ping.t_ms for s in stored.pings(result.trip) if s.device == result.device}


def _judge(result: Result, stored: Stored) -> None:
    good, held = result.good(), stored.pings(result.trip)
    times = _times(result, stored)
    result.stored, result.double = len(times), stored.double(result.trip)
    result.lost = len(result.due() - times)
    result.wrong = sum(s.device != result.device or not _same(good.get(s.ping.t_ms), s) for s in held)


def _same(made: Made | None, sighting: Sighting) -> bool:
    """As the app can say it: whole metres, km/h or knots at worst."""
    if made is None:
        return False
    ours, ping = wire(made, made.t_ms / 1000), sighting.ping
    near = abs(ours.lat_e6 - ping.lat_e6) <= 1 and abs(ours.lon_e6 - ping.lon_e6) <= 1
    accuracy = abs(ours.accuracy_dm - ping.accuracy_dm) <= 6
    speed = ping.speed_dmps == UNKNOWN or abs(ours.speed_dmps - ping.speed_dmps) <= 2
    heading = ping.heading == UNKNOWN or abs((ours.heading - ping.heading + 180) % 360 - 180) <= 1
    return near and accuracy and speed and heading
