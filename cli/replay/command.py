"""`milepost replay`: its options, and a run from the first request to the summary."""

from __future__ import annotations

import argparse
import asyncio
import math
import time
from collections.abc import Sequence
from itertools import cycle, islice
from typing import TypeVar

from rich.console import Console

from cli.common import Failed, Mint, base_of
from cli.replay.api import Api, Refused
from cli.replay.credential import Credential, admin_of
from cli.replay.display import progress, summary
from cli.replay.figures import Figures
from cli.replay.fleet import Fleet, Plan, Rhythm, recorded, simulated
from cli.replay.ledger import Ledger
from cli.replay.options import FORMATS, add_options
from cli.replay.pace import Rate
from cli.replay.phone import World
from cli.replay.publish import BadRoute, as_id, chosen, ensure, places
from cli.replay.recorded import BadTrip, read
from cli.replay.simulator import chance
from cli.replay.transport import Unreachable, network
from cli.run_state import keep_time
from geo.refused import RouteRefused
from telemetry.clock import now_s

T = TypeVar("T")
__all__ = ["add_options", "run"]


def run(args: argparse.Namespace, mint: Mint) -> int:
    base = base_of(args)
    keep_time(base)
    if args.interval * 1000 < FORMATS[args.format].tick_ms:
        raise Failed(f"--interval {args.interval:g}: {args.format} tells whole seconds only; give 1 or more.")
    if args.ledger:
        try:
            args.ledger.touch()
        except OSError as error:
            raise Failed(f"{args.ledger} cannot be written: {error.strerror}.") from error
    try:
        return asyncio.run(_run(args, base, admin_of(base, mint)))
    except (BadRoute, BadTrip, RouteRefused, Refused) as error:
        raise Failed(str(error)) from error
    except Unreachable as error:
        raise Failed(
            f"{base} does not answer ({error}); start the stack with `make run`, or say where: --base URL."
        ) from error


async def _run(args: argparse.Namespace, base: str, admin: Credential) -> int:
    figures, ledger, console = Figures(), Ledger(), Console(stderr=True)
    async with network() as send:
        api = await Api.find(base, send, asyncio.sleep, chance(args.seed, "api"))
        form = FORMATS[args.format]()
        batch = min(args.batch, form.most)
        plans, expected = await _plans(args, api, admin, batch)
        rate = Rate(args.rate or math.inf, asyncio.sleep)
        world = World(api.pipeline, send, form, ledger, figures, asyncio.sleep, rate.turn)
        prefix = f"replay-{int(now_s()):x}"
        fleet = Fleet(api, world, admin, args.pace, batch, prefix)
        began = time.perf_counter()

        def ready() -> None:
            nonlocal began
            began = time.perf_counter()

        try:
            async with progress(figures, expected, console):
                await fleet.run(plans, args.seed, ready)
        finally:
            print(*summary(figures, len(plans), time.perf_counter() - began), sep="\n")
            if args.ledger:
                ledger.save(args.ledger)
    return 1 if figures.refused or figures.rejected else 0


async def _plans(
    args: argparse.Namespace, api: Api, admin: Credential, batch: int
) -> tuple[list[Plan], float]:
    """What each courier does, and about how many pings that will be."""
    given = [await chosen(api, admin, args.route)] if args.route else []
    if args.trips:
        plans, sizes = [], []
        for trip in [read(file) for file in args.trips]:
            line = trip.line()
            route, _ = (
                given[0] if given else await ensure(api, admin, as_id(trip.name), trip.name[:100], line)
            )
            plans.append(recorded(trip, route))
            sizes.append(len(line))
        count = args.couriers or len(plans)
        return _cycled(plans, count), float(sum(_cycled(sizes, count)))
    routes = given or await places(api, admin)
    rhythm, count = Rhythm(args.interval, batch), args.couriers or 20
    # Each starts at another of the routes.
    plans = [
        simulated(_cycled(routes, i + len(routes))[i:], f"{args.seed}/{i}", rhythm, args.duration)
        for i in range(count)
    ]
    return plans, count * args.duration / args.interval


def _cycled(items: Sequence[T], count: int) -> list[T]:
    return list(islice(cycle(items), count))
