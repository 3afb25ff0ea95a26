"""One run on the laptop stack: fleets ride while everything fails, then everything is counted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cli import run_state
from cli.replay.api import Api
from cli.replay.credential import Credential
from cli.replay.simulator import chance
from cli.replay.transport import network
from storage.signing_keys import ssm_keys
from tests.faults.cast import LINES, Role, Size, cast
from tests.faults.check import Verdict, check
from tests.faults.clean import clean
from tests.faults.injected import Injected
from tests.faults.observe import client, due, observe
from tests.faults.plan import Plan
from tests.faults.senders import Bulk, Senders, lossy
from tests.faults.stage import Limits, Stage
from tests.faults.trouble import Trouble
from tests.faults.truth import FLEET, Truth

TRIPS = "TasksTrips"
DRAIN_S = 300.0
SHORT = Limits(timeout_s=3, batch=20, retries=2)


@dataclass(frozen=True, slots=True)
class Options:
    """share: of the calls that meet a fault; times: each trouble of the stream; at_once: couriers."""

    pings: int
    seed: int
    port: int = 0
    proxy_port: int = 0
    share: float = 0.03
    times: int = 1
    at_once: int = 12
    workers: int = 3
    limits: Limits = SHORT
    planted: str = ""


@dataclass
class State:
    """What a progress display shows."""

    doing: str = "starting"
    total: int = 0
    sent: Callable[[], int] = lambda: 0


async def run(options: Options, folder: Path, injected: Injected, state: State) -> tuple[Verdict, Truth]:
    functions = {"IngestReceive": 1.0, "ProcessorsTrack": 1.0, "StacksTasksTrips": 0.5, "TasksTrips": 0.5}
    plan = Plan(options.seed, options.share, functions)
    stage = Stage(plan, injected, options.planted)
    truth = Truth()
    async with (
        stage.run(folder, options.limits, options.port, options.proxy_port, options.workers),
        network() as send,
    ):
        senders, roles = await _senders(options, stage, truth, injected, send, folder)
        trouble = Trouble(stage, senders.bulk, truth, injected)
        state.doing, state.sent = "riding", lambda: senders.sent
        state.total = sum(role.size.trips * role.size.pings for role in roles)
        stage.active = True
        now = time.time()
        begun = asyncio.Semaphore(options.at_once)

        async def ride(role: Role) -> None:
            async with begun:
                await senders.ride(role, now)

        async with asyncio.TaskGroup() as group:
            group.create_task(trouble.follow(lambda: senders.sent / state.total, options.times))
            for role in roles:
                group.create_task(ride(role))
        state.doing = "waiting for what is under way"
        stage.active = False
        await stage.settled()
        truth_told = await _drained(stage, senders.bulk, trouble)
        state.doing = "reading what was stored"
        await stage.settled()
        async with asyncio.timeout(DRAIN_S):
            while await due(stage):  # noqa: ASYNC110 (another process settles)
                await asyncio.sleep(0.5)
        observed = await observe(stage)
        settled = [s.settled.revision for s in observed.standing.values() if s and s.settled]
        injected.add("settled again", sum(revision - 1 for revision in settled))
        observed.told = truth_told
    state.doing = "a clean run"
    tidy = await asyncio.to_thread(clean, truth, now)
    state.doing = "comparing"
    return await asyncio.to_thread(check, truth, observed, tidy), truth


async def _senders(options, stage: Stage, truth: Truth, injected: Injected, send, folder: Path):
    state = run_state.read(stage.settings.port, folder / ".milepost" / "run")
    keys = ssm_keys(client(stage, "ssm"), state.signing_keys)
    ring = await asyncio.to_thread(keys.ring)

    def token(role: str, user: str) -> str:
        return str(ring.sign(user, FLEET, role, time.time())[0])

    async def as_admin() -> str:
        return token("admin", "admin")

    admin = Credential(as_admin)
    api = await Api.find(stage.settings.base, send, asyncio.sleep, chance(options.seed, "api"))
    routes = {name: await api.publish(admin, name, name, points) for name, points in LINES.items()}
    bulk = Bulk(stage.aws, stage.name("UploadStream"))
    phones = lossy(send, injected, options.seed, 0.03)
    senders = Senders(api, admin, truth, injected, bulk, phones, routes, token)
    return senders, cast(Size.of(options.pings), options.seed)


async def _drained(stage: Stage, bulk: Bulk, trouble: Trouble) -> list[bytes]:
    """Until every record was delivered and done, or told of. Gives what was told of."""
    told: list[bytes] = []
    delivered = stage.delivered
    async with asyncio.timeout(DRAIN_S):
        while True:
            told += await trouble.given_up()
            put = stage.proxy.records + bulk.put[0]
            if len(delivered.seen) >= put and not delivered.open and not delivered.running:
                return told
            await asyncio.sleep(0.2)
