"""Puts the runtime together: emulator, templates, resources, workers, sources, gateway."""

from __future__ import annotations

import asyncio
import errno
import socket
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp import web

from local import resources
from local.addresses import Addresses
from local.aws import Aws
from local.bus import api as bus_api
from local.bus.bus import Bus
from local.bus.targets import targets
from local.cross_origin import shared
from local.emulator.process import Emulator, emulator
from local.environments import Environments
from local.faults import NONE, Faults
from local.functions import Function, functions
from local.gateway.api import http_apis
from local.gateway.authorize import Authorization
from local.gateway.console import Console
from local.gateway.http import HttpGateway
from local.gateway.live import Live
from local.gateway.live_api import live_api
from local.gateway.routes import Routes
from local.gateway.server import Gateway
from local.logs import Log
from local.run_state import announced
from local.settings import ACCOUNT, HOST, Settings
from local.sources.destination import Destinations
from local.sources.mapping import mappings
from local.sources.queue import sender
from local.sources.registry import source
from local.tasks import Tasks
from local.template import stacks as templates
from local.template.stacks import Stack
from local.timers import api
from local.timers.asynchronous import Asynchronous, rules
from local.timers.timers import Timers
from local.trouble import Trouble
from local.worker.answer import Answer, Invoke
from local.worker.environment import Surroundings
from local.worker.pool import Pool
from telemetry.clock import Course, machine_s, now_s, use


@dataclass(frozen=True, slots=True)
class Runtime:
    """A running laptop: the gateway answers, events flow."""

    settings: Settings
    stacks: list[Stack]
    pools: dict[str, Pool]
    """By the function's name."""
    gateway: Gateway
    environments: Environments
    emulated: Emulator

    def read_routes(self) -> None:
        """Take the HTTP APIs' routes from their documents again. Raises Trouble, and keeps the old ones."""
        self.gateway.http.routes = _routes(self.stacks)

    async def warm(self, pools: Iterable[Pool] | None = None) -> None:
        """Have a worker ready for every function: one at a time, as those asked for meanwhile come first."""
        for pool in self.pools.values() if pools is None else pools:
            await pool.warm()


@asynccontextmanager
async def runtime(settings: Settings, log: Log, faults: Faults = NONE) -> AsyncIterator[Runtime]:
    """Raises Trouble when it cannot start."""
    async with AsyncExitStack() as stack:
        listening = stack.enter_context(_listen(settings.port))
        course = Course(time.time(), settings.times)
        use(course)
        emulated = await stack.enter_async_context(emulator(settings.region, course, log))
        addresses = Addresses(settings, emulated.address)
        stacks = await asyncio.to_thread(templates.load, settings, addresses.localise)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        )
        aws = Aws(session, emulated.address, settings.region, ACCOUNT)
        environments = Environments(settings.state / "envs", log)
        await emulated.ready()
        await resources.create(aws, stacks, addresses.localise)

        found = [f for each in stacks for f in functions(settings.root, each, addresses.localise)]
        made, client = await asyncio.gather(_pythons(environments, found), environments.runtime_client())
        scheduler = f"{settings.base}{api.PATH}"
        events = f"{settings.base}{bus_api.PATH}"
        around = Surroundings(
            settings.root, client, emulated.address, scheduler, events, settings.region, course, faults
        )
        pools = {f.name: Pool(f, made[f.requirements], around, log, settings.workers) for f in found}
        stack.push_async_callback(_end, pools.values())

        async def invoke(name: str, event: bytes) -> Answer:
            return await pools[name].invoke(event)

        by_name = {f.name: f for f in found}
        background = Tasks(log)
        stack.push_async_callback(background.end)
        send = sender(aws, log)
        calls = Asynchronous(
            dict(rule for each in stacks for rule in rules(each)), invoke, send, now_s, _sleep
        )
        timers = Timers(by_name, calls, background.spawn, log)
        place = stacks[0].resolver.place
        deliver = targets(aws, by_name, calls, background.spawn)
        bus = Bus(place, deliver, background.spawn, now_s, _sleep, log)
        for each in stacks:
            timers.take(each)
            bus.take(each)
        background.spawn(timers.run())

        console = Console(settings, shared(stacks, emulated.address))
        gateway, live = _gateway(settings, stacks, invoke, console, timers, bus, log)
        runner = web.ServerRunner(
            web.Server(gateway.handle, access_log=None, auto_decompress=False), shutdown_timeout=1.0
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        if live is not None:
            stack.push_async_callback(live.end)
        await web.SockSite(runner, listening).start()
        stack.enter_context(announced(settings, emulated.address, course))

        destinations = Destinations(send, by_name, log)
        polling = Tasks(log)
        stack.push_async_callback(polling.end)
        for mapped in (m for each in stacks for m in mappings(each)):
            feeds = source(mapped, aws, invoke, destinations.give_up, settings.poll_s, log, faults)
            await feeds.start(polling)
        yield Runtime(settings, stacks, pools, gateway, environments, emulated)


def _gateway(
    settings: Settings,
    stacks: list[Stack],
    invoke: Invoke,
    console: Console,
    timers: Timers,
    bus: Bus,
    log: Log,
) -> tuple[Gateway, Live | None]:
    place = stacks[0].resolver.place
    http = HttpGateway(_routes(stacks), invoke, Authorization(invoke, place))
    found = live_api(stacks)
    live = Live(found, invoke, log, settings.times) if found else None
    return Gateway(http, live, console, timers, bus, log), live


def _routes(stacks: list[Stack]) -> Routes:
    return Routes(api for each in stacks for api in http_apis(each))


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port), backlog=1024)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Trouble(
                f"Port {port} is in use; end what uses it, or choose another: make run PORT=8081."
            ) from None
        raise Trouble(f"Port {port} cannot be opened: {error.strerror}.") from None


async def _pythons(environments: Environments, found: Iterable[Function]) -> dict[Path, Path]:
    """The interpreter for each requirements file."""
    wanted = sorted({function.requirements for function in found})
    pythons = await asyncio.gather(*(environments.python(requirements) for requirements in wanted))
    return dict(zip(wanted, pythons, strict=True))


async def _sleep(seconds: float) -> None:
    """By the laptop's clock."""
    await asyncio.sleep(machine_s(seconds))


async def _end(pools: Iterable[Pool]) -> None:
    await asyncio.gather(*(pool.end() for pool in pools))
