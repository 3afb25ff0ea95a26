"""The offline matcher: what comes later decides, and the order of the pings does not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.drawing import compile_route
from geo.smooth import smooth
from geo.state import Fix
from tests.rides import OUT_AND_BACK, PLAIN, ROUTES, at, drive, line


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("seed", range(4))
def test_a_noisy_drive_is_followed(route, seed) -> None:
    truth = drive(route, 6.0, 10.0, 8.0, seed)
    found = smooth(route, [fix for _, fix in truth])
    errors = [abs(m.along_m - along) for m, (along, _) in zip(found, truth, strict=True)]
    assert sum(e <= 25 for e in errors) >= 0.97 * len(errors)
    assert max(errors) < 80


def test_the_rest_of_the_trip_tells_which_lap_a_gap_led_to() -> None:
    route = compile_route(line([*[(0, 0), (300, 0), (300, 300), (0, 300)] * 4, (0, 0), (-600, 0)]))
    truth = drive(route, 6.0, 10.0, 5.0, 3)
    # Two laps were ridden a third faster while nobody heard.
    heard = truth[:25] + [(along, fix._replace(t=fix.t - 100)) for along, fix in truth[65:]]
    found = smooth(route, [fix for _, fix in heard])
    assert all(abs(m.along_m - along) < 40 for m, (along, _) in zip(found, heard, strict=True))


def test_outliers_lie_between_their_neighbours_and_a_detour_is_off_the_route_from_its_first_fix() -> None:
    truth = drive(PLAIN, 6.0, 10.0, 3.0, 7)
    moved = {3, *range(8, 18)}
    found = smooth(PLAIN, [at(f, north=300) if i in moved else f for i, (_, f) in enumerate(truth)])
    assert {i for i, m in enumerate(found) if m.outlier} == moved
    assert {i for i, m in enumerate(found) if not m.on_route} == set(range(8, 18))
    assert abs(found[3].along_m - truth[3][0]) < 15
    assert abs(found[12].along_m - truth[12][0]) < 60


fixes = st.lists(
    st.builds(
        Fix,
        t=st.integers(0, 600).map(lambda s: 1.8e9 + s),
        lat=st.floats(31.22, 31.26) | st.floats(-90, 90),
        lon=st.floats(121.46, 121.51) | st.just(math.nan),
        accuracy_m=st.sampled_from([math.nan, 5.0, 80.0]),
    ),
    max_size=25,
)


@given(fixes, st.randoms(use_true_random=False))
def test_it_is_a_function_of_the_set_and_always_finite(found, random) -> None:
    matched = smooth(OUT_AND_BACK, found)
    shuffled = list(range(len(found)))
    random.shuffle(shuffled)
    again = smooth(OUT_AND_BACK, [found[i] for i in shuffled])
    assert [again[shuffled.index(i)] for i in range(len(found))] == matched
    assert all(0 <= m.along_m <= OUT_AND_BACK.length_m + 0.01 and 0 <= m.confidence <= 1 for m in matched)
    assert all(math.isfinite(m.offset_m) for m in matched)
