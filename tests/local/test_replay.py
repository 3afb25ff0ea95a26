"""`milepost replay` against the real stack: what the ledger of truth says is what the board shows."""

from __future__ import annotations

import asyncio
import json
import math
import sys

import pytest

from cli.main import main
from cli.replay.ledger import Ledger
from cli.replay.places import PLACES
from geo.drawing import compile_route
from tests.local.api import call
from tests.local.test_whole_flow import until

LINE = [(121.40 + i * 0.002, 31.20 + (i % 2) * 0.001) for i in range(60)]
DEMO = tuple(f"{place.id}@" for place in PLACES)


@pytest.fixture
def street(tmp_path):
    """A route of about 11 km, longer than anybody rides here."""
    file = tmp_path / "replayed-street.geojson"
    file.write_text(json.dumps({"type": "LineString", "coordinates": LINE}))
    return file


@pytest.mark.parametrize("form", ["own", "overland", "traccar10"])
def test_the_board_shows_where_the_couriers_truly_are(running, form, street, tmp_path, capsys) -> None:
    ledger_file = tmp_path / "truth.jsonl"
    code = main([
        "replay", "--base", running.base, "--couriers", "6", "--duration", "8m", "--pace", "max",
        "--route", str(street), "--format", form, "--ledger", str(ledger_file), "--seed", "3",
    ])  # fmt: skip
    assert code == 0, capsys.readouterr().out
    ledger = Ledger.load(ledger_file)
    assert len(ledger.couriers()) == 6
    token = running.token("manager")

    def board():
        _, fleet = call(running.base, "GET /v1/fleet", token=token)
        return {c["courier"]: c for c in fleet["couriers"] if c["courier"] in ledger.couriers()}

    newest = {courier: list(ledger.pings_of(courier).values())[-1] for courier in ledger.couriers()}
    until(lambda: all(board()[c]["t"] == ping.t_ms / 1000 for c, ping in newest.items()))
    route = compile_route(LINE)
    for courier, row in board().items():
        pings = ledger.pings_of(courier)
        assert ledger.acknowledged(courier) == set(pings)
        last_good = [ping for ping in pings.values() if not ping.outlier][-1]
        assert row["along_m"] == pytest.approx(last_good.along_m, abs=60)
        assert row["fraction"] == pytest.approx(row["along_m"] / route.length_m, abs=1e-3)
        assert math.isclose(row["lat"], newest[courier].lat, abs_tol=1e-6)
    assert {row["state"] for row in board().values()} == {"finished"}


def test_the_demo_puts_twenty_couriers_on_the_board(running) -> None:
    token = running.token("manager")

    async def go() -> None:
        demo = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cli.main", "demo", "--base", running.base)
        )
        try:
            await asyncio.to_thread(until, on_the_board, 60.0)
        finally:
            demo.terminate()
            assert await asyncio.wait_for(demo.wait(), 10) == 0

    def on_the_board():
        _, fleet = call(running.base, "GET /v1/fleet", token=token)
        riding = {c["courier"]: c for c in fleet["couriers"] if (c["route"] or "").startswith(DEMO)}
        states = sorted(c["state"] for c in riding.values() if c["state"] != "on_route")
        return sum(c["fraction"] > 0 for c in riding.values()) == 20 and states == ["off_route", "silent"]

    asyncio.run(go())
