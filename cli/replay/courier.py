"""One courier with a phone: signs in, starts a trip, rides it, finishes it."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from random import Random

from cli.replay.api import Api
from cli.replay.credential import Credential
from cli.replay.ledger import Trip
from cli.replay.phone import Phone, World
from cli.replay.simulator import Made

APP = "app"
"""What our own app calls the device."""

Until = Callable[[float], Awaitable[None]]
"""Waits for a time of the ride [s, Unix]."""

Live = Callable[[Made], bool]
"""Whether somebody watches, so that a ping does not wait for others."""


@dataclass(frozen=True, slots=True)
class Courier:
    user: str
    credential: Credential
    phone: Phone
    api: Api
    world: World

    async def start(self, task: str, at: float | None) -> Trip:
        """Raises Refused, Unreachable."""
        said = await self.api.start(self.credential, task, at)
        trip = Trip(said["trip"], self.user, said["route"], said["started_at"])
        self.world.ledger.trips.append(trip)
        self.world.figures.trips += 1
        return trip

    async def ride(
        self,
        pings: Iterable[Made],
        until: Until,
        batch: int,
        live: Live = lambda _: False,
        end_s: float = math.inf,
    ) -> float | None:
        """Upload `pings` as they become ready: when `batch` of them wait, when one is live, at the end.

        end_s: when the phone finds a network at the latest [s, Unix]. Returns the time of the last ping.
        """
        last = None
        for ping in pings:
            await until(min(ping.ready_ms / 1000, end_s))
            self.phone.take(ping)
            last = ping.t_ms / 1000
            if len(self.phone) >= batch or live(ping):
                await self.phone.upload(batch)
        await self.phone.upload(batch)
        return last

    async def finish(self, trip: Trip, at: float) -> None:
        """Raises Refused, Unreachable."""
        said = await self.api.finish(self.credential, trip.trip, max(at, trip.started_at))
        trip.finished_at = said["finished_at"]


async def enlist(
    api: Api, world: World, admin: Credential, user: str, credential: Credential, chance: Random
) -> Courier:
    """A known user, signed in, with a phone; one with a device key where the format wants it.

    Raises Refused, Unreachable.
    """
    await credential.token()
    phone = Phone(world, user, APP, credential, chance)
    if world.format.uses_key:
        device = await api.add_device(admin, user, "replay")

        async def key() -> str:
            return str(device["key"])

        phone = Phone(world, user, device["device"], Credential(key), chance)
    return Courier(user, credential, phone, api, world)
