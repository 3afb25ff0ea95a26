"""One day on a stack of its own: the office opens, couriers come and ride, the evening settles everything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

import aiohttp

from cli import run_state
from cli.replay.api import Api
from cli.replay.courier import APP, Courier
from cli.replay.credential import Credential
from cli.replay.figures import Figures
from cli.replay.phone import Phone
from cli.replay.phone import World as Phones
from cli.replay.simulator import chance
from cli.replay.transport import network
from cli.site import laptop
from local.child import Child, stack
from tests.day import cast, plays
from tests.day.courier import CREW, Hand, draws
from tests.day.hours import Hours
from tests.day.listeners import Receiver, Viewer
from tests.day.office import Office
from tests.day.phone import Charged
from tests.day.seen import Seen, look
from tests.day.world import World

TIMES = 60
PASSWORD = "a long password"
AT_ONCE = 4  # passwords are slow to hash by design
EVENING_S = 45.0
"""How long what is under way may take to come to its end, by the machine's clock."""


@dataclass
class State:
    """What a progress display shows: simulated seconds of so many."""

    doing: str = "starting the stack"
    total_s: float = 0.0
    done_s: Callable[[], float] = lambda: 0.0


@dataclass(repr=False)
class Day:
    """Everything that is known when it is over. took_s: by the machine's clock.

    Without a repr: asyncio's runner makes one of what a task gave, and this would be gigabytes.
    """

    world: World
    office: Office
    receiver: Receiver
    viewer: Viewer
    figures: Figures
    seen: Seen
    took_s: float
    unfinished: list[str] = field(default_factory=list)


def play(size: cast.Size, state: State) -> Day:
    """Starts a stack, plays the day, looks at everything, ends the stack."""
    parameters = f"PrivateWebhooks=allow GraceSeconds={size.grace_s}"
    with stack(CLOCK=f"{TIMES}x", PARAMETERS=parameters, POLL_MS=50) as child:
        return asyncio.run(_play(child, size, state))


async def _play(child: Child, size: cast.Size, state: State) -> Day:
    began, hours = time.monotonic(), Hours.of(child.base)
    figures = Figures()
    async with network() as send, Receiver().serving() as receiver:

        def minted(role: str, user: str) -> Credential:
            return Credential(lambda: asyncio.to_thread(child.token, role, user))

        api = await Api.find(child.base, send, asyncio.sleep, chance(size.seed, "api"))
        admin, manager, other = minted("admin", "ada"), minted("manager", "max"), minted("manager", "eva")
        world = World(api, send, hours, size, admin, manager, other)
        office, viewer = Office(world), Viewer(world, manager)
        state.doing = "opening"
        phones = Phones(
            api.pipeline, send, Charged(), world.ledger, figures, asyncio.sleep, _no_turn, hours.now
        )
        await office.opens(receiver.address)
        world.hands += await _enlisted(world, phones)
        async with _listening(viewer, await _live(child.base)):
            now = hours.now()
            world.ends_s = now + 3600 * size.hours
            state.doing, state.total_s = "riding", 3600 * size.hours
            state.done_s = lambda: min(hours.now() - now, state.total_s)
            unfinished = await _by_day(world, office)
            state.doing = "evening"
            unfinished += await _evening(world, office, receiver, viewer)
        state.doing = "looking at everything"
        site = laptop(run_state.read(run_state.port_of(child.base)))
        seen = await look(world, site)
    return Day(world, office, receiver, viewer, figures, seen, time.monotonic() - began, unfinished)


async def _no_turn() -> None:
    """Uploads leave when they are ready."""


async def _enlisted(world: World, phones: Phones) -> list[Hand]:
    """Users with tags of their own, signed in."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def enlist(i: int, name: str) -> Hand:
        async with gate:
            tags = [name, CREW, "bike"] if i % 3 else [name, CREW]
            user = {"user": name, "role": "courier", "name": name, "password": PASSWORD, "tags": tags}
            await world.api.call("POST", f"{world.api.accounts}/v1/users", world.admin, user)
            who = Credential(lambda: world.api.sign_in(name, PASSWORD))
            await who.token()
        charged = Charged()
        mine = replace(phones, format=charged)
        phone = Phone(mine, name, APP, who, chance(world.size.seed, f"phone {name}"))
        courier = Courier(name, who, phone, world.api, mine)
        return Hand(world, name, who, courier, charged, draws(world.size.seed, name))

    return list(await asyncio.gather(*(enlist(i, name) for i, name in enumerate(cast.names(world.size)))))


@asynccontextmanager
async def _listening(viewer: Viewer, live: str) -> AsyncIterator[None]:
    task = asyncio.create_task(viewer.listen(live))
    await asyncio.wait_for(viewer.subscribed.wait(), 20)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _live(base: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"{base}/config.json") as answer:
        return str((await answer.json())["live"])


async def _by_day(world: World, office: Office) -> list[str]:
    """Who did not get through the day, and why."""
    dealt = cast.parts(world.size)
    await office.offer()
    await office.contest()
    working = asyncio.create_task(office.by_day())
    days = await asyncio.gather(
        *(_told(hand.name, plays.day(hand, dealt[hand.name])) for hand in world.hands)
    )
    await world.hours.until(world.ends_s)
    # What was passed on to somebody after their last ride.
    late = await asyncio.gather(*(_told(hand.name, hand.passed_on()) for hand in world.hands))
    office_failed = [f"the office: {working.exception()!r}"] if working.done() else []
    working.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await working
    return [said for said in (*days, *late) if said] + office_failed


async def _told(name: str, doing: Awaitable[None]) -> str:
    try:
        await doing
    except Exception as error:  # noqa: BLE001 - whatever it is, the others go on, and it is told
        return f"{name}: {error!r}"
    return ""


async def _evening(world: World, office: Office, receiver: Receiver, viewer: Viewer) -> list[str]:
    """Until every trip has come to its end and everybody was told; what has not by EVENING_S."""
    await office.closes()
    under_way = ("claimed", "started", "paused", "finished")
    for what, done in (
        ("trips that are not settled", lambda: _none(office.trips(*under_way))),
        ("cancelled trips that the pipeline has not settled", lambda: _cancelled(world)),
        ("trips that are not paid", lambda: _paid(office)),
        ("alerts that are open", lambda: _none(_open(world))),
        ("alerts and payments that were not told", lambda: _all_told(world, office, receiver, viewer)),
    ):
        until = time.monotonic() + EVENING_S
        while not await done():
            if time.monotonic() > until:
                return [f"in the evening there were {what}"]
            await asyncio.sleep(0.5)
    return []


async def _none(found: Awaitable[list[object]]) -> bool:
    return not await found


async def _cancelled(world: World) -> bool:
    """They pay nothing, but have a record too."""
    urls = [
        f"{world.api.pipeline}/v1/trips/{it.trip}" for it in world.truth.values() if it.end == "cancelled"
    ]
    shown = [await world.api.call("GET", url, world.manager) for url in urls]
    return all(it["status"] == "settled" and not it["settling"] for it in shown)


async def _paid(office: Office) -> bool:
    await office.approve()
    await office.pay()
    return not await office.trips("settled", "approved")


async def _open(world: World) -> list[object]:
    return [alert async for alert in world.pages(world.manager, "alerts", state="open")]


async def _all_told(world: World, office: Office, receiver: Receiver, viewer: Viewer) -> bool:
    taken = receiver.taken()
    closed = [alert async for alert in world.pages(world.manager, "alerts", state="closed")]
    alerts = {f"{it['alert']}/{what}" for it in closed for what in ("raised", "closed")}
    paid = sum(len(payout["lines"]) for payout in office.payouts)
    shown = sum(event["type"] == "trip.paid" for event in viewer.events.values())
    told = sum(name.startswith("tr_") for name in taken)
    return alerts <= taken.keys() and told >= paid and shown >= paid
