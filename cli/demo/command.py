"""`milepost demo`: twenty couriers on three routes for as long as it runs, through the public API alone."""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from itertools import cycle
from typing import Any

from cli.common import Failed, Mint, add_base, base_of
from cli.demo.cast import Role, cast
from cli.demo.dispatch import Dispatch, OnRoute
from cli.demo.rider import DemoRider, Scene
from cli.replay.api import Api, Refused
from cli.replay.credential import Credential
from cli.replay.figures import Figures
from cli.replay.formats.own import Own
from cli.replay.ledger import Ledger
from cli.replay.pace import Rate
from cli.replay.phone import World
from cli.replay.places import PLACES
from cli.replay.publish import places
from cli.replay.simulator import chance
from cli.replay.transport import Send, Unreachable, network
from cli.run_state import keep_time, port_of
from telemetry.clock import Clock, now_s

SEED = 20
AT_ONCE = 6  # enlistments; passwords are slow to hash by design
MOST_UPLOADS_S = 60.0  # a burst of backlogs leaves room for who else uses the laptop
QUIET_S = 60.0

Signed = Callable[[str, str], Credential]
"""A credential for a role and a user."""


def add_options(parser: argparse.ArgumentParser) -> None:
    add_base(parser)


def run(args: argparse.Namespace, mint: Mint) -> int:
    base = base_of(args)
    keep_time(base)

    def signed(role: str, user: str) -> Credential:
        return Credential(lambda: asyncio.to_thread(mint, port_of(base), role, user))

    async def demo() -> None:
        async with network() as send:
            await _demo(base, signed, send)

    try:
        asyncio.run(_until_told(demo()))
    except (Refused, Unreachable) as error:
        raise Failed(f"{base}: the demo cannot begin: {error}.") from error
    return 0


async def _until_told(work: Coroutine[Any, Any, None]) -> None:
    """Until it is done, or SIGINT or SIGTERM ends it."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


async def _demo(base: str, signed: Signed, send: Send) -> None:
    admin = signed("admin", "admin")
    api = await Api.find(base, send, asyncio.sleep, chance(SEED, "api"))
    published = await places(api, admin)
    routes = {route: OnRoute(place, c) for place, (route, c) in zip(PLACES, published, strict=True)}
    dispatch = Dispatch(api, admin, routes, now_s, chance(SEED, "dispatch"))
    turn = Rate(MOST_UPLOADS_S, asyncio.sleep).turn
    world = World(api.pipeline, send, Own(), Ledger(), Figures(), asyncio.sleep, turn)
    tell = partial(print, flush=True)
    say, roles, left = at_most_each(QUIET_S, tell, now_s), cast(SEED), await dispatch.left()
    waiting = set(roles)

    def on_the_way(role: Role) -> None:
        if role in waiting:
            waiting.discard(role)
            if not waiting:
                tell(f"{len(roles)} couriers are on their way on {len(routes)} routes")

    scene = Scene(dispatch, world, asyncio.Semaphore(AT_ONCE), say, on_the_way)
    riders = [
        DemoRider(
            scene, role, signed("courier", role.user), route, left.get(role.user), chance(SEED, role.user)
        )
        for role, route in zip(roles, cycle(routes), strict=False)
    ]
    await asyncio.gather(dispatch.stock(), *(rider.ride() for rider in riders))


def at_most_each(every_s: float, tell: Callable[[str], None], clock: Clock) -> Callable[[str], None]:
    """`tell`, but silent for `every_s` after each time: one outage is not twenty lines."""
    next_s = float("-inf")

    def say(text: str) -> None:
        nonlocal next_s
        if clock() >= next_s:
            next_s = clock() + every_s
            tell(text)

    return say
