"""The simple matcher keeps what it promises: it never jumps, never gets stuck, and folds ping by ping."""

from __future__ import annotations

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.match import BACK_M, MAX_SPEED_MPS, SLACK_M, Fix, MatchState, advance
from geo.plane import Plane
from geo.route import CompiledRoute, RouteRefused, compile_route

HOME = Plane(121.47, 31.23)


def line(*xy: tuple[float, float]) -> list[tuple[float, float]]:
    return [HOME.to_lonlat(x, y) for x, y in xy]


OUT_AND_BACK = compile_route(line((0, 0), (1500, 0), (3000, 40), (1500, 0), (0, 0)))
LAPS = compile_route(line(*[(0, 0), (300, 0), (300, 300), (0, 300)] * 4, (0, 0)))
PLAIN = compile_route(line((0, 0), (1200, 300), (1500, 1800), (3000, 2500)))
ROUTES = [OUT_AND_BACK, LAPS, PLAIN]


def drive(
    route: CompiledRoute, speed: float, step: float, noise: float, seed: int
) -> list[tuple[float, Fix]]:
    """True along_m and a fix with Gaussian noise [m], every `step` seconds to the end."""
    rng, found, t = random.Random(seed), [], 0.0
    while t * speed < route.length_m:
        x, y = route.xy_at(t * speed)
        lon, lat = route.plane.to_lonlat(x + rng.gauss(0, noise), y + rng.gauss(0, noise))
        found.append((t * speed, Fix(1.8e9 + t, lat, lon, max(noise, 1.0))))
        t += step
    return found


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("step", [1.0, 10.0, 30.0])
def test_a_noisy_drive_is_followed_through_overlaps(route, step) -> None:
    truth = drive(route, 6.0, step, 8.0, seed=3)
    _, found = advance(route, MatchState(), [fix for _, fix in truth])
    errors = [abs(m.along_m - along) for m, (along, _) in zip(found, truth, strict=True)]
    assert sum(e <= 40 for e in errors) >= 0.97 * len(errors)
    assert max(errors) < 150
    assert all(m.on_route for m in found)


@pytest.mark.parametrize("route", ROUTES)
def test_without_noise_progress_is_exact_and_monotone(route) -> None:
    truth = drive(route, 6.0, 5.0, 0.0, seed=1)
    _, found = advance(route, MatchState(), [fix for _, fix in truth])
    alongs = [m.along_m for m in found]
    assert all(abs(a - t) < 1 for a, (t, _) in zip(alongs, truth, strict=True) if abs(t - 3000) > 30)
    assert all(b >= a - 1 for a, b in itertools.pairwise(alongs))


def test_a_gap_is_bridged() -> None:
    truth = drive(PLAIN, 8.0, 10.0, 6.0, seed=5)
    heard = truth[:10] + truth[25:]
    _, found = advance(PLAIN, MatchState(), [fix for _, fix in heard])
    assert abs(found[-1].along_m - heard[-1][0]) < 40


def test_straying_is_seen_after_two_fixes_and_ends_on_return() -> None:
    truth = [fix for _, fix in drive(PLAIN, 6.0, 10.0, 3.0, seed=7)]
    north = 300 / 111_000
    astray = [f._replace(lat=f.lat + north) if 10 <= i < 20 else f for i, f in enumerate(truth)]
    _, found = advance(PLAIN, MatchState(), astray)
    assert [m.on_route for m in found[9:13]] == [True, True, False, False]
    assert found[15].offset_m > 200
    assert found[20].on_route
    single = [f._replace(lat=f.lat + north) if i == 10 else f for i, f in enumerate(truth)]
    _, found = advance(PLAIN, MatchState(), single)
    assert all(m.on_route for m in found)


fixes = st.lists(
    st.builds(
        Fix,
        t=st.floats(1.7e9, 1.9e9),
        lat=st.floats(-90, 90),
        lon=st.floats(-180, 180),
        accuracy_m=st.just(math.nan) | st.floats(0, 3000),
    )
    | st.builds(
        lambda t, x, y: Fix(t, *reversed(HOME.to_lonlat(x, y)), 5.0),
        st.floats(1.8e9, 1.8e9 + 4000),
        st.floats(-100, 3200),
        st.floats(-200, 2700),
    ),
    max_size=40,
)


@given(fixes, st.sampled_from(ROUTES), st.integers(0, 40))
def test_any_input_gives_finite_output_in_any_split_and_never_jumps(found, route, cut) -> None:
    ordered = sorted(found)
    whole, matched = advance(route, MatchState(), ordered)
    half, first = advance(route, MatchState(), ordered[:cut])
    again, second = advance(route, MatchState.unpack(half.pack()), ordered[cut:])
    assert (again, first + second) == (whole, matched)
    assert all(0 <= m.along_m <= route.length_m and math.isfinite(m.offset_m) for m in matched)
    state = MatchState()
    for fix in ordered:
        after, _ = advance(route, state, [fix])
        if state.good_t > -math.inf:
            assert after.along_m - state.along_m <= (fix.t - state.good_t) * MAX_SPEED_MPS + SLACK_M + 1e-6
            assert state.along_m - after.along_m <= BACK_M + 1e-6
        state = after


lines = st.lists(
    st.tuples(st.floats(121.3, 121.6), st.floats(31.1, 31.4)), min_size=2, max_size=30, unique=True
)


@given(lines)
def test_a_compiled_route_survives_its_bytes(lonlat) -> None:
    try:
        route = compile_route(lonlat)
    except RouteRefused:
        assert max(math.dist(*pair) for pair in itertools.pairwise(lonlat)) < 1e-7
        return
    again = CompiledRoute.from_bytes(route.to_bytes())
    assert again == route
    assert again.length_m == route.length_m
    lon, lat = route.point_at(0)
    assert (lon, lat) == pytest.approx(lonlat[0], abs=1e-7)


REFUSED = [
    ([(121.0, 31.0)], "two distinct"),
    ([(121.0, 31.0)] * 5, "two distinct"),
    ([(31.2, 121.4), (31.3, 121.4)], "lon, lat"),
    ([(121.0, 31.0), (122.0, 31.0)], "50 km"),
    ([(121.0, 31.0), (math.nan, 31.0)], "not on the map"),
    ([(121.0, 31.0)] * 100_001, "limit"),
]


@pytest.mark.parametrize(("lonlat", "words"), REFUSED)
def test_what_cannot_be_a_route_is_refused_with_its_reason(lonlat, words) -> None:
    with pytest.raises(RouteRefused, match=words):
        compile_route(lonlat)
