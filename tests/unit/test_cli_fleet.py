"""Fleets against a counterpart that speaks the API over real HTTP on loopback; nobody waits for a pause."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from random import Random

import pytest

from cli.main import main
from cli.replay.api import Api, Refused
from cli.replay.credential import Credential
from cli.replay.figures import Figures
from cli.replay.fleet import Fleet, Rhythm, simulated
from cli.replay.formats.overland import Overland
from cli.replay.formats.own import Own
from cli.replay.ledger import Ledger
from cli.replay.pace import Pace
from cli.replay.phone import World
from cli.replay.publish import chosen, places
from cli.replay.transport import Unreachable, network
from tests.cli_server import counterpart

CSV = "t_unix,lat,lon,speed_mps\n1000,31.23,121.47,4\n1010,31.2301,121.4704,4\n1020,31.2302,121.4708,4\n"
SEED = 7


async def at_once(_seconds: float = 0.0) -> None:
    await asyncio.sleep(0)


async def admin_token() -> str:
    return "admin"


def ridden(prepare=lambda _: None, form=None, couriers=4, duration_s=1800.0):
    """A simulated fleet against a counterpart that `prepare` may spoil: (counterpart, ledger, figures)."""

    async def go():
        async with counterpart() as server, network() as send:
            prepare(server)
            ledger, figures = Ledger(), Figures()
            api = await Api.find(server.base, send, at_once, Random(1))
            admin = Credential(admin_token)
            world = World(api.pipeline, send, form or Own(), ledger, figures, at_once, at_once)
            routes = await places(api, admin)
            plans = [
                simulated(routes[i % 3 :], f"{SEED}/{i}", Rhythm(10.0, 6), duration_s)
                for i in range(couriers)
            ]
            await Fleet(api, world, admin, Pace.parse("max"), 6, "t").run(plans, SEED, lambda: None)
            return server, ledger, figures

    return asyncio.run(asyncio.wait_for(go(), 60))


def taken(server, courier: str) -> list[float]:
    return [ping["t"] for who, pings in server.uploads if who == courier for ping in pings]


def check_complete(server, ledger) -> None:
    """Each courier's pings were taken in the order made, each once, and the ledger says the same."""
    assert len(ledger.couriers()) == len(server.users)
    for courier in ledger.couriers():
        made = list(ledger.pings_of(courier))
        assert taken(server, courier) == [t_ms / 1000 for _, t_ms in made]
        assert ledger.acknowledged(courier) == set(made)


def test_every_ping_made_is_taken_once_in_order_and_acknowledged() -> None:
    server, ledger, figures = ridden()
    check_complete(server, ledger)
    assert figures.acknowledged == figures.pings == sum(len(pings) for _, pings in server.uploads)
    assert all(len(pings) <= 6 for _, pings in server.uploads)
    assert not figures.refused


@pytest.mark.parametrize("form", [Own(), Overland()])
def test_trouble_loses_and_doubles_nothing(form) -> None:
    faults = [503, None, 500, 429, None, 408, 503] * 6
    server, ledger, figures = ridden(lambda s: s.faults.extend(faults), form, couriers=3)
    assert figures.again.total() == len(faults)
    assert not figures.refused
    for courier in ledger.couriers():
        assert ledger.acknowledged(courier) == set(ledger.pings_of(courier))
    assert sum(len(pings) for _, pings in server.uploads) == figures.pings
    if isinstance(form, Own):
        check_complete(server, ledger)


def test_a_token_that_expires_on_the_way_is_had_anew() -> None:
    server, ledger, figures = ridden(lambda s: s.expired.update({"t-001#1", "t-001#2"}), couriers=2)
    check_complete(server, ledger)
    assert server.signed_in >= 3
    assert not figures.refused


def test_a_refused_upload_is_counted_and_the_rest_goes_on() -> None:
    server, ledger, figures = ridden(lambda s: s.faults.append(400), couriers=1)
    assert figures.reasons == {"400 told to fail": 1}
    (courier,) = ledger.couriers()
    lost = [upload for upload in ledger.uploads_of(courier) if upload.refused]
    assert set(ledger.pings_of(courier)) - ledger.acknowledged(courier) == set(lost[0].identities())
    assert taken(server, courier)


def test_who_arrives_takes_another_task_and_windows_do_not_overlap() -> None:
    server, ledger, _ = ridden(couriers=2, duration_s=6000.0)
    for courier in ledger.couriers():
        trips = [trip for trip in ledger.trips if trip.courier == courier]
        assert len(trips) > 2
        assert len({trip.route for trip in trips}) > 1
        assert all(a.finished_at < b.started_at for a, b in pairwise(trips))
        windows = [(trip.started_at - 0.001, trip.finished_at + 0.001) for trip in trips]
        assert all(any(a <= t <= b for a, b in windows) for t in taken(server, courier))
    assert {trip["state"] for trip in server.trips.values()} == {"finished"}


def test_the_same_seed_rides_the_same_rides() -> None:
    def truths(ledger):
        return {
            courier: [(made.along_m, made.away_m, made.outlier) for made in ledger.pings_of(courier).values()]
            for courier in sorted(ledger.couriers())
        }

    assert truths(ridden()[1]) == truths(ridden()[1])


def command(tmp_path, *options, prepare=lambda _: None):
    """`milepost replay` against a new counterpart: (exit, counterpart, ledger)."""
    file = tmp_path / "truth.jsonl"

    async def go():
        async with counterpart() as server:
            prepare(server)
            argv = ["replay", "--base", server.base, "--pace", "max", "--ledger", str(file), *options]
            return await asyncio.to_thread(main, argv), server

    code, server = asyncio.run(asyncio.wait_for(go(), 60))
    return code, server, Ledger.load(file)


@pytest.fixture
def trip(tmp_path, monkeypatch):
    monkeypatch.setenv("MILEPOST_TOKEN", "admin")
    file = tmp_path / "Ring Road.csv"
    file.write_text(CSV)
    return file


def test_replay_sends_a_recorded_trip_and_tells_its_figures(tmp_path, trip, capsys) -> None:
    code, server, ledger = command(tmp_path, "--trips", str(trip), "--couriers", "2", "--batch", "2")
    assert code == 0
    assert len(server.users) == 2
    assert list(server.routes) == ["ring-road@1"]
    assert server.routes["ring-road@1"]["coordinates"][0] == [121.47, 31.23]
    assert [len(pings) for _, pings in server.uploads].count(2) == 2
    said = capsys.readouterr().out
    assert "couriers  2, 2 trips" in said
    assert "pings     6 sent, 6 acknowledged" in said
    assert "refused   0 for good, 0 pings rejected" in said
    for courier in ledger.couriers():
        assert [made.speed_mps for made in ledger.pings_of(courier).values()] == [4.0] * 3
        assert {made.outlier for made in ledger.pings_of(courier).values()} == {False}


def test_replay_ends_with_1_when_something_was_refused(tmp_path, trip, capsys) -> None:
    code, _, _ = command(tmp_path, "--trips", str(trip), prepare=lambda s: s.faults.append(413))
    assert code == 1
    assert "1 x 413 told to fail" in capsys.readouterr().out


def test_replay_rides_a_route_from_a_file(tmp_path, trip) -> None:
    line = {"type": "LineString", "coordinates": [[121.47, 31.23], [121.48, 31.23]]}
    (tmp_path / "lap.geojson").write_text(json.dumps(line))
    code, server, ledger = command(
        tmp_path, "--route", str(tmp_path / "lap.geojson"), "--couriers", "2", "--duration", "3m"
    )
    assert code == 0
    assert {trip["route"] for trip in server.trips.values()} == {"lap@1"}
    assert all(
        made.along_m < 955 for courier in ledger.couriers() for made in ledger.pings_of(courier).values()
    )


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--route", "none.geojson"], "none.geojson: No such file or directory; give a GeoJSON file"),
        (["--trips", "none.csv"], "none.csv: No such file or directory"),
        (["--route", "lap@7"], "404 no route GET /v1/routes/lap@7"),
    ],
)
def test_replay_says_what_cannot_be_used(options, why, tmp_path, trip, capsys) -> None:
    async def go():
        async with counterpart() as server:
            return await asyncio.to_thread(main, ["replay", "--base", server.base, *options])

    assert asyncio.run(go()) == 1
    assert why in capsys.readouterr().err


def test_replay_refuses_a_ledger_that_cannot_be_written_before_it_sends_anything(
    tmp_path, trip, capsys
) -> None:
    async def go():
        async with counterpart() as server:
            file = tmp_path / "none" / "truth.jsonl"
            argv = ["replay", "--base", server.base, "--trips", str(trip), "--ledger", str(file)]
            return await asyncio.to_thread(main, argv), server

    code, server = asyncio.run(go())
    assert (code, server.users) == (1, {})
    assert "truth.jsonl cannot be written: No such file or directory" in capsys.readouterr().err


def test_the_api_gives_up_after_its_tries_and_says_what_was_refused() -> None:
    async def go():
        slept = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        async with network() as send:
            async with counterpart() as server:
                api = await Api.find(server.base, send, sleep, Random(1))
                api.tries = 4
                with pytest.raises(Refused, match=r"POST .*/v1/session: 401 wrong"):
                    await api.sign_in("nobody", "password")
                with pytest.raises(Refused, match="404"):
                    await chosen(api, Credential(admin_token), "lap@7")
                assert slept == []
            with pytest.raises(Unreachable):
                await api.sign_in("nobody", "password")
            assert len(slept) == 3

    asyncio.run(go())
