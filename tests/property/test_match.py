"""The live matcher: right through laps and gaps, the same in any split and in any company."""

from __future__ import annotations

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.drawing import compile_route
from geo.match import Rider, advance, advance_many, columns_of
from geo.route import CompiledRoute
from geo.state import Fix, MatchState
from tests.rides import HOME, LAPS, OUT_AND_BACK, PLAIN, ROUTES, at, drive, line

TEN_S, SPEED_MPS, NOISE_M = 10.0, 6.0, 8.0


def errors(route: CompiledRoute, truth: list[tuple[float, Fix]]) -> list[float]:
    _, found = advance(route, MatchState(), [fix for _, fix in truth])
    return [abs(m.along_m - along) for m, (along, _) in zip(found, truth, strict=True)]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("step", [1.0, 10.0, 30.0])
@pytest.mark.parametrize("seed", range(3))
def test_a_noisy_drive_is_followed_through_overlaps(route, step, seed) -> None:
    truth = drive(route, SPEED_MPS, step, NOISE_M, seed)
    found = errors(route, truth)
    assert sum(e <= 25 for e in found) >= 0.95 * len(found)
    assert max(found) < 150


@given(st.floats(1.0, 20.0), st.sampled_from([2.0, 5.0, 10.0]), st.integers(0, 1000))
def test_on_a_plain_route_the_error_is_bounded_by_the_noise(speed, noise, seed) -> None:
    truth = drive(PLAIN, speed, TEN_S, noise, seed)
    # The nearest point on a line is no further from the truth than the fix is, but for corners.
    assert all(e <= 6 * noise + 2 for e in errors(PLAIN, truth))


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("speed", [1.4, 6.0, 15.0])
def test_without_noise_progress_is_exact_and_monotone(route, speed) -> None:
    truth = drive(route, speed, 5.0, 0.0, seed=1)
    _, found = advance(route, MatchState(), [fix for _, fix in truth])
    # Around the turn, out and back are the same place.
    turn = 3000.0 if route is OUT_AND_BACK else math.inf
    told = [(m.along_m, along) for m, (along, _) in zip(found, truth, strict=True) if abs(along - turn) > 40]
    assert all(abs(a - along) < 2 for a, along in told)
    assert all(b >= a for (a, _), (b, _) in itertools.pairwise(told))


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("seed", range(5))
def test_a_gap_is_bridged(route, seed) -> None:
    truth = drive(route, 8.0, TEN_S, 6.0, seed)
    heard = truth[:12] + truth[21:]
    _, found = advance(route, MatchState(), [fix for _, fix in heard])
    assert abs(found[-1].along_m - heard[-1][0]) < 40
    assert abs(found[12].along_m - heard[12][0]) < 40


def test_a_trip_may_be_joined_on_its_way() -> None:
    truth = drive(PLAIN, 8.0, TEN_S, 6.0, seed=5)[20:]
    assert all(e < 40 for e in errors(PLAIN, truth))


def test_a_detour_is_left_and_joined_again() -> None:
    truth = drive(PLAIN, 6.0, TEN_S, 3.0, seed=7)
    astray = [at(f, north=300) if 10 <= i < 20 else f for i, (_, f) in enumerate(truth)]
    _, found = advance(PLAIN, MatchState(), astray)
    assert [m.on_route for m in found[9:14]] == [True, True, True, False, False]
    assert 150 < found[15].offset_m < 310
    assert all(found[i].outlier for i in range(10, 20))
    assert found[21].on_route
    assert abs(found[-1].along_m - truth[-1][0]) < 30


@given(st.integers(3, 60), st.floats(150, 2000), st.floats(-2000, 2000))
def test_a_single_outlier_neither_raises_off_route_nor_moves_progress(i, east, north) -> None:
    truth = drive(PLAIN, 6.0, TEN_S, 3.0, seed=7)
    wild = [at(f, east=-east, north=north) if j == i else f for j, (_, f) in enumerate(truth)]
    _, found = advance(PLAIN, MatchState(), wild)
    assert all(m.on_route for m in found)
    clean = [m for j, m in enumerate(found) if j != i]
    assert all(abs(m.along_m - t) < 25 for m, (t, _) in zip(clean, truth[:i] + truth[i + 1 :], strict=True))


@pytest.mark.parametrize("along", [200.0, 1480.0, 2200.0])
@pytest.mark.parametrize("seed", range(3))
def test_standing_still_does_not_creep(along, seed) -> None:
    rng = random.Random(seed)
    start = [fix for t, fix in drive(OUT_AND_BACK, 6.0, TEN_S, 5.0, seed) if t <= along]
    lon, lat = OUT_AND_BACK.point_at(along)
    t0 = start[-1].t
    noise = [(rng.gauss(0, NOISE_M), rng.gauss(0, NOISE_M)) for _ in range(360)]
    still = [at(Fix(t0 + 10 * i, lat, lon, 8.0), *noise[i]) for i in range(1, 360)]
    state, found = advance(OUT_AND_BACK, MatchState(), [*start, *still])
    assert abs(found[-1].along_m - along) < 60
    assert state.stalled
    assert state.speed_mps < 1.5


def test_confidence_falls_where_laps_cannot_be_told_apart() -> None:
    truth = drive(LAPS, 6.0, TEN_S, 5.0, seed=2)
    _, sure = advance(LAPS, MatchState(), [fix for _, fix in truth[:20]])
    assert sure[-1].confidence > 0.85
    late = [fix._replace(t=fix.t + 450) for _, fix in truth[20:22]]
    _, torn = advance(LAPS, MatchState(), [*(fix for _, fix in truth[:20]), *late])
    assert torn[-1].confidence < 0.8


def test_a_stated_heading_tells_out_from_back() -> None:
    lon, lat = OUT_AND_BACK.point_at(700)
    for heading, expected in ((90.0, 700.0), (270.0, OUT_AND_BACK.length_m - 700)):
        fixes = [Fix(1.8e9 + i, lat, lon, 5.0, 6.0, heading) for i in range(4)]
        _, found = advance(OUT_AND_BACK, MatchState(), fixes)
        assert found[-1].along_m == pytest.approx(expected, abs=5)


wild = st.builds(
    Fix,
    t=st.floats(1.7e9, 1.9e9),
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    accuracy_m=st.just(math.nan) | st.floats(0, 1e9),
    speed_mps=st.just(math.nan) | st.floats(0, 1e9),
    heading_deg=st.just(math.nan) | st.floats(-1e9, 1e9),
)
near = st.builds(
    lambda t, x, y, a: Fix(t, *reversed(HOME.to_lonlat(x, y)), a),
    st.floats(1.8e9, 1.8e9 + 4000),
    st.floats(-100, 3200),
    st.floats(-200, 2700),
    st.sampled_from([math.nan, 5.0, 60.0]),
)
fixes = st.lists(wild | near, max_size=30)


@given(fixes, st.sampled_from(ROUTES), st.lists(st.integers(0, 30), max_size=4))
def test_any_split_gives_identical_results_and_all_are_finite(found, route, cuts) -> None:
    ordered = sorted(found)
    whole, matched = advance(route, MatchState(), ordered)
    state, parts = MatchState(), []
    edges = [0, *sorted(cuts), len(ordered)]
    for a, b in itertools.pairwise(edges):
        state, some = advance(route, MatchState.unpack(state.pack()), ordered[a:b])
        parts += some
    assert (state, parts) == (whole, matched)
    assert len(whole.pack()) <= 160
    assert all(0 <= m.along_m <= route.length_m + 0.01 for m in matched)
    assert all(0 <= m.confidence <= 1 and math.isfinite(m.offset_m) and m.offset_m >= 0 for m in matched)


@given(st.lists(st.tuples(st.sampled_from(ROUTES), fixes), min_size=1, max_size=9), st.integers(0, 30))
def test_a_courier_gets_the_same_alone_and_in_company(couriers, cut) -> None:
    ordered = [sorted(found) for _, found in couriers]
    alone = [advance(route, MatchState(), f)[0] for (route, _), f in zip(couriers, ordered, strict=True)]
    states = [MatchState() for _ in couriers]
    for part in ([f[:cut] for f in ordered], [f[cut:] for f in ordered]):
        riders = zip((route for route, _ in couriers), states, part, strict=True)
        states = advance_many([Rider(route, state, columns_of(f)) for route, state, f in riders])
    assert states == alone


def test_old_and_unreadable_fixes_change_nothing() -> None:
    truth = [fix for _, fix in drive(PLAIN, 6.0, TEN_S, 3.0, seed=4)][:10]
    state, found = advance(PLAIN, MatchState(), truth)
    for bad in (
        truth[3],
        truth[9],
        Fix(math.nan, 31, 121),
        Fix(truth[9].t + 9, math.nan, 121),
        Fix(2e9, 31, math.inf),
    ):
        after, told = advance(PLAIN, state, [bad])
        assert (after, told[0]) == (state, found[-1])


@given(st.floats(-179, 179), st.floats(-60, 60), st.floats(0, 360), st.integers(0, 50))
def test_the_scene_may_lie_anywhere_and_turned(lon, lat, angle, seed) -> None:
    """The antimeridian included."""
    shape = [(0, 0), (800, 0), (800, 500), (300, 500), (300, 0), (0, 0)]
    rng = random.Random(seed)
    truth = [(rng.gauss(0, 6), rng.gauss(0, 6)) for _ in range(60)]

    def scene(lon: float, lat: float, angle: float) -> list[float]:
        route = compile_route(line(shape, lon, lat, angle))
        upright = compile_route(line(shape))
        fixes = []
        for i, (dx, dy) in enumerate(truth):
            x, y = upright.xy_at(50.0 * i)
            ((there_lon, there_lat),) = line([(x + dx, y + dy)], lon, lat, angle)
            fixes.append(Fix(1.8e9 + 10 * i, there_lat, there_lon, 6.0))
        return [m.along_m for m in advance(route, MatchState(), fixes)[1]]

    here, there = scene(HOME.lon0, HOME.lat0, 0.0), scene(lon, lat, angle)
    assert sum(abs(a - b) > 3 for a, b in zip(here, there, strict=True)) <= 2
