"""The simulator's behaviours one by one, and the ledger."""

from __future__ import annotations

import itertools
import math
import os
import subprocess
import sys
from random import Random

import pytest

from cli.replay.effects import Draft, Gaps, NoFix, Noise, Offline, Outliers, Silent
from cli.replay.ledger import Identity, Ledger, Trip
from cli.replay.motion import Detour, Motion, Speed
from cli.replay.places import PLACES
from cli.replay.simulator import Made, Ride, Rider, every
from geo.drawing import compile_route

ROUTE = compile_route([(121.47 + i * 0.001, 31.23 + (i % 3) * 0.0004) for i in range(60)])
T0 = 1_795_492_800.0
STEADY = Speed(cruise_mps=5.0, spread=0.0, accelerate_mps2=1.0, red=0.0)


def drafts(effect, times, seed=1):
    apply = effect.begin(Random(seed))
    made = [Draft(t, 0.0, 0.0, 5.0, 90.0, math.nan, t) for t in times]
    for draft in made:
        apply(draft)
    return made


def test_a_steady_ride_speeds_up_cruises_and_brakes() -> None:
    motion = Motion(1000.0, STEADY, (), Random(1))
    assert motion.at(0.0)[:2] == (0.0, 0.0)
    assert motion.at(5.0)[:2] == (12.5, 5.0)
    assert motion.at(105.0)[:2] == (512.5, 5.0)
    assert motion.arrive() == pytest.approx(205.0)
    assert motion.at(1e9)[:2] == (1000.0, 0.0)
    assert motion.at(5.0)[:2] == (12.5, 5.0)  # any order


def test_red_lights_stop_the_ride() -> None:
    speed = Speed(spread=0.0, red=1.0, light_every_m=200.0, wait_s=(30.0, 30.0))
    motion = Motion(2000.0, speed, (), Random(1))
    standing = [motion.at(t).along_m for t in range(int(motion.arrive())) if motion.at(t).speed_mps == 0]
    assert len({round(along) for along in standing}) > 5


def test_a_detour_leaves_the_route_and_comes_back_to_the_same_point() -> None:
    detour = Detour(at_m=400.0, out_m=300.0, stay_s=120.0, speed_mps=5.0)
    ride = Ride(ROUTE, Rider(STEADY, (detour,), ()), 1)
    pings = list(ride.pings(T0, every(5.0)))
    away = [ping for ping in pings if not ping.on_route]
    assert {ping.along_m for ping in away} == {400.0}
    assert max(ping.away_m for ping in away) == 300.0
    assert (away[-1].t_ms - away[0].t_ms) / 1000 == pytest.approx(detour.duration_s, abs=10)
    assert pings[-1].along_m == pytest.approx(ROUTE.length_m, abs=0.01)


def test_noise_is_as_large_as_it_says_and_fades_slowly() -> None:
    made = drafts(Noise(sigma_m=5.0, memory_s=30.0), range(0, 200_000, 10))
    east = [draft.x for draft in made]
    assert math.sqrt(sum(x * x for x in east) / len(east)) == pytest.approx(5.0, rel=0.1)
    neighbours = sum(a * b for a, b in itertools.pairwise(east)) / len(east) / 25
    assert neighbours == pytest.approx(math.exp(-10 / 30), abs=0.05)
    assert all(3.0 <= draft.accuracy_m <= 7.0 for draft in made)


def test_outliers_are_as_many_as_asked_far_off_and_marked() -> None:
    made = drafts(Outliers(share=0.1, nearest_m=100.0, farthest_m=500.0), range(10_000))
    off = [draft for draft in made if draft.outlier]
    assert len(off) == pytest.approx(1000, rel=0.15)
    assert all(100 <= math.hypot(draft.x, draft.y) <= 500 for draft in off)
    assert all((draft.x, draft.y) == (0, 0) for draft in made if not draft.outlier)


def test_offline_pings_wait_for_the_end_of_the_gap_and_no_fix_loses_them() -> None:
    gaps = Gaps(apart_s=300.0, shortest_s=60.0, longest_s=90.0)
    offline, unfixed = drafts(Offline(gaps), range(10_000)), drafts(NoFix(gaps), range(10_000))
    waiting = [draft for draft in offline if draft.ready_s > draft.t_s]
    assert [draft.t_s for draft in waiting] == [draft.t_s for draft in unfixed if draft.lost]
    assert max(draft.ready_s - draft.t_s for draft in waiting) <= 90
    assert 0.1 < len(waiting) / 10_000 < 0.3
    assert all(a.ready_s <= b.ready_s for a, b in itertools.pairwise(offline))


def test_silence_is_for_good() -> None:
    ride = Ride(ROUTE, Rider(STEADY, (), (Silent(after_s=95.0),)), 1)
    assert [ping.t_ms for ping in ride.pings(T0, every(10.0))] == [
        round((T0 + 10 * i) * 1000) for i in range(10)
    ]


def test_the_same_seed_makes_the_same_pings_in_another_process() -> None:
    code = "from tests.unit.test_simulator import digest; print(digest())"
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert said == [digest()] * 2


def digest() -> str:
    return str(list(Ride(ROUTE, Rider(), "seed").pings(T0, every(10.0)))[-1])


def test_the_places_are_what_they_are_called() -> None:
    street, laps, plain = (compile_route(place.line) for place in PLACES)
    turn = street.length_m / 2
    assert 2700 < turn < 3300
    assert all(
        math.dist(street.xy_at(turn - d), street.xy_at(turn + d)) < 0.1 for d in range(0, int(turn), 100)
    )
    lap = laps.length_m / 4
    assert 1100 < lap < 1300
    assert all(math.dist(laps.xy_at(d), laps.xy_at(d + 3 * lap)) < 0.1 for d in range(0, int(lap), 50))
    assert 4500 < plain.length_m < 5500


def ping(second: int, **truth) -> Made:
    return Made(round((T0 + second) * 1000), 31.23, 121.47, **truth)


def filled() -> tuple[Ledger, list[Identity]]:
    """Four pings; an acknowledged upload that lost one of them, a refused one, one never answered."""
    ledger = Ledger(trips=[Trip("tr_1", "li", "lap@1", T0)])
    pings = [ping(i, along_m=10.0 * i, outlier=i == 2) for i in range(4)]
    for each in pings:
        ledger.made("li", "app", each)
    taken = ledger.sent("li", "app", pings[:2])
    taken.acknowledged_at, taken.rejected, taken.tries = T0 + 5, (pings[1].t_ms,), 2
    ledger.sent("li", "app", pings[2:3]).refused = "400 no"
    ledger.sent("li", "app", pings[1:])
    return ledger, [("app", each.t_ms) for each in pings]


def test_the_ledger_knows_what_was_promised_and_what_carried_a_ping() -> None:
    ledger, ids = filled()
    assert list(ledger.pings_of("li")) == ids
    assert ledger.acknowledged("li") == {ids[0]}
    assert ledger.rejected("li") == {ids[1]}
    assert [upload.upload for upload in ledger.carriers("li", ids[1])] == [0, 2]
    assert ledger.couriers() == ["li"]
    assert (ledger.pings_of("wu"), ledger.uploads_of("wu"), ledger.acknowledged("wu")) == ({}, [], set())


def test_a_saved_ledger_is_the_same_ledger(tmp_path) -> None:
    ledger, _ = filled()
    ledger.save(tmp_path / "truth.jsonl")
    again = Ledger.load(tmp_path / "truth.jsonl")
    assert str(again) == str(ledger)  # nan is not equal to itself
    assert again.sent("li", "app", []).upload == 3
