"""The demo's cast, its tasks, and riders whose clock only sleeping moves."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections import Counter
from contextlib import asynccontextmanager
from itertools import pairwise
from random import Random

import pytest

from cli.demo.cast import LIVE_INTERVAL_S, NAMES, SILENT, STRAYS, Role, cast
from cli.demo.command import at_most_each
from cli.demo.dispatch import OPEN, Dispatch, OnRoute
from cli.demo.rider import DemoRider, Scene
from cli.main import main
from cli.replay.api import Api
from cli.replay.credential import Credential
from cli.replay.figures import Figures
from cli.replay.formats.own import Own
from cli.replay.ledger import Ledger
from cli.replay.phone import World
from cli.replay.places import PLACES
from cli.replay.publish import places
from cli.replay.transport import network
from geo.drawing import compile_route
from tests.cli_server import counterpart

ROUTES = [compile_route(place.line) for place in PLACES]
T0 = 1_795_492_800.0


def first(role: Role):
    """Its first ride and its backlog [s], for a demo that begins at T0."""
    backlog_s = role.backlog_s()
    return list(role.first_ride(ROUTES[role.number % 3], T0 - backlog_s, backlog_s)), backlog_s


def test_twenty_ride_of_whom_one_strays_and_one_is_silent() -> None:
    roles = cast(20)
    assert len(roles) == len({role.user for role in roles}) == 20
    assert [role.number for role in roles if role.strays] == [STRAYS]
    assert [role.number for role in roles if role.silent] == [SILENT]


@pytest.mark.parametrize("role", cast(20), ids=NAMES)
def test_everybody_has_made_progress_before_the_demo_begins_and_has_far_to_go(role) -> None:
    pings, _ = first(role)
    backlog = [ping for ping in pings if ping.t_ms < T0 * 1000]
    assert len(backlog) > 6
    assert 0.02 < backlog[-1].along_m / ROUTES[role.number % 3].length_m < 0.9
    assert {b.t_ms - a.t_ms for a, b in pairwise(backlog)} == {10_000}
    live = [ping for ping in pings if ping.t_ms >= T0 * 1000]
    assert {b.t_ms - a.t_ms for a, b in pairwise(live)} <= {LIVE_INTERVAL_S * 1000}


def test_the_silent_one_has_not_been_heard_for_two_minutes_and_never_is_again() -> None:
    pings, _ = first(cast(20)[SILENT])
    assert 120 < T0 - pings[-1].t_ms / 1000 < 145


def test_the_straying_one_is_off_its_route_when_the_demo_begins_and_comes_back() -> None:
    role = cast(20)[STRAYS]
    pings, _ = first(role)
    away = {round(ping.t_ms / 1000 - T0): ping.away_m for ping in pings}
    assert away[0] == 300
    off = [t for t, metres in away.items() if metres]
    assert -110 <= min(off) <= -80
    assert 120 < max(off) < 240
    later = list(role.next_ride(ROUTES[0], T0, 1))
    assert max(ping.away_m for ping in later) == 300
    assert later[-1].on_route


@asynccontextmanager
async def stage(start_s: float = T0, held=None):
    """A counterpart, a world whose time passes by sleeping only, and a dispatch over the three routes."""
    now = start_s

    def clock() -> float:
        return now

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += max(seconds, 0.0)
        await asyncio.sleep(0)

    async def turn() -> None:
        await asyncio.sleep(0)

    async def token() -> str:
        return "admin"

    async with counterpart() as server, network() as send:
        server.clock = clock
        if held is not None:
            server.users, server.tasks, server.trips = held.users, held.tasks, held.trips
        api = await Api.find(server.base, send, sleep, Random(1))
        admin = Credential(token)
        published = await places(api, admin)
        routes = {route: OnRoute(place, c) for place, (route, c) in zip(PLACES, published, strict=True)}
        dispatch = Dispatch(api, admin, routes, clock, Random(2))
        world = World(api.pipeline, send, Own(), Ledger(), Figures(), sleep, turn, clock)
        yield server, world, dispatch


def rider(role: Role, world: World, dispatch: Dispatch, said=None, began=None, left=None) -> DemoRider:
    route = list(dispatch.routes)[role.number % 3]
    tell, say = ([] if said is None else said).append, ([] if began is None else began).append

    async def token() -> str:
        return f"{role.user}#1"

    scene = Scene(dispatch, world, asyncio.Semaphore(1), tell, say)
    return DemoRider(scene, role, Credential(token), route, left, Random(3))


async def until(check, work) -> None:
    """Let `work` go on until `check` holds, then end it."""
    task = asyncio.ensure_future(work)
    while not check() and not task.done():  # noqa: ASYNC110 (what is checked tells nobody)
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert check()


def finished(server) -> list[dict]:
    return [trip for trip in server.trips.values() if "finished_at" in trip]


def test_a_rider_brings_its_backlog_in_full_uploads_then_goes_live_and_takes_task_after_task() -> None:
    async def go():
        async with stage() as (server, world, dispatch):
            await dispatch.stock()
            began = []
            one = rider(cast(20)[0], world, dispatch, began=began)
            await until(lambda: len(finished(server)) == 3, one.ride())
            return server, began

    server, began = asyncio.run(asyncio.wait_for(go(), 60))
    sizes = [len(pings) for _, pings in server.uploads]
    backlog = int(cast(20)[0].backlog_s() / 60)
    assert sizes[:backlog] == [6] * backlog
    assert Counter(sizes[backlog + 1 :]).most_common(1)[0][0] == 1
    trips = finished(server)
    assert [trip["started_at"] < T0 for trip in trips] == [True, False, False]
    assert all(a["finished_at"] < b["started_at"] for a, b in pairwise(trips))
    assert began[:3] == [cast(20)[0]] * 3
    assert [task["status"] for task in server.tasks.values()].count("open") == OPEN


def test_the_silent_rider_ends_without_finishing() -> None:
    async def go():
        async with stage() as (server, world, dispatch):
            await rider(cast(20)[SILENT], world, dispatch).ride()
            return server, world.clock()

    server, now = asyncio.run(asyncio.wait_for(go(), 60))
    assert server.uploads
    assert finished(server) == []
    assert now - server.uploads[-1][1][-1]["t"] > 120


def test_a_demo_that_starts_again_ends_what_was_left_and_rides_on() -> None:
    async def go():
        async with stage() as (before, world, dispatch):
            await until(lambda: len(before.uploads) > 20, rider(cast(20)[1], world, dispatch).ride())
            ended_at = world.clock()
        async with stage(ended_at + 5, before) as (server, world, dispatch):
            said: list[str] = []
            left = (await dispatch.left())["li.na"]
            again = rider(cast(20)[1], world, dispatch, said, left=left)
            await until(lambda: len(finished(server)) == 2, again.ride())
            return server, said

    server, said = asyncio.run(asyncio.wait_for(go(), 60))
    left, following = finished(server)
    assert left["finished_at"] <= following["started_at"]
    assert said == []


def test_hiccups_are_told_and_ridden_out() -> None:
    async def go():
        async with stage() as (server, world, dispatch):
            server.faults.extend([503, None, 500] * 10)
            said: list[str] = []
            one = rider(cast(20)[2], world, dispatch, said)
            await until(lambda: len(finished(server)) == 1, one.ride())
            return server, said

    server, said = asyncio.run(asyncio.wait_for(go(), 60))
    assert not server.faults
    times = [ping["t"] for _, pings in server.uploads for ping in pings]
    assert times == sorted(set(times))
    assert said == []


def test_a_rider_that_lost_its_way_ends_its_trip_and_rides_on() -> None:
    async def go():
        async with stage() as (server, world, dispatch):
            await dispatch.stock()
            server.refused.extend(["POST /v1/trips/tr_0/finish", "POST /v1/tasks/tk_7/claim"])
            said: list[str] = []
            one = rider(cast(20)[0], world, dispatch, said)
            await until(lambda: len(finished(server)) == 3, one.ride())
            return server, said

    server, said = asyncio.run(asyncio.wait_for(go(), 60))
    assert "/v1/trips/tr_0/finish: 403 told to refuse" in said[0]
    trips = finished(server)
    assert [trip["trip"] for trip in trips] == ["tr_0", "tr_1", "tr_2"]
    assert all(a["finished_at"] <= b["started_at"] for a, b in pairwise(trips))


def test_couriers_compete_for_the_same_task_and_both_get_one() -> None:
    async def go():
        async with stage() as (server, world, dispatch):
            await dispatch.stock()
            two = [rider(cast(20)[i], world, dispatch) for i in (0, 1)]
            couriers = await asyncio.gather(*(each._enlist() for each in two))
            return await asyncio.gather(*(dispatch.claim(courier) for courier in couriers)), server

    claimed, server = asyncio.run(asyncio.wait_for(go(), 60))
    assert claimed[0]["task"] != claimed[1]["task"]
    assert [task["status"] for task in server.tasks.values()].count("open") == OPEN
    assert all(
        task["deadline"] > T0 and float(task["bonus"]["amount"]) >= 12 for task in server.tasks.values()
    )


def test_an_outage_is_one_line_a_minute() -> None:
    told, now = [], 0.0
    say = at_most_each(60.0, told.append, lambda: now)
    for now in (0.0, 1.0, 59.0, 60.0, 61.0):
        say(f"at {now}")
    assert told == ["at 0.0", "at 60.0"]


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_the_whole_demo_begins_quickly_and_a_signal_ends_it_at_once(name, capsys, monkeypatch) -> None:
    monkeypatch.setattr("cli.main.mint", lambda _port, _role, user: f"{user}#1")
    ready, ended = threading.Event(), threading.Event()
    seen = {}

    async def serve() -> None:
        async with counterpart() as server:
            seen["server"] = server
            ready.set()
            while len({who for who, _ in server.uploads}) < len(NAMES):  # noqa: ASYNC110 (the same)
                await asyncio.sleep(0.01)
            seen["at"] = time.perf_counter()
            os.kill(os.getpid(), name)
            await asyncio.to_thread(ended.wait, 30)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    code = main(["demo", "--base", seen["server"].base])
    took = time.perf_counter() - seen["at"]
    ended.set()
    thread.join(10)
    assert code == 0
    assert took < 1
    said = capsys.readouterr().out
    assert said in ("", "20 couriers are on their way on 3 routes\n")
    assert len(seen["server"].users) == 20
    assert sorted(seen["server"].routes) == sorted(f"{place.id}@1" for place in PLACES)
