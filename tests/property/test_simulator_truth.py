"""Whatever the route, the rider and the seed: reproducible, and its truth fits the geometry."""

from __future__ import annotations

import itertools
import math

from hypothesis import assume, given
from hypothesis import strategies as st

from cli.replay.effects import Gaps, NoFix, Noise, Offline, Outliers, Silent
from cli.replay.motion import Detour, Speed
from cli.replay.simulator import Ride, Rider, every
from geo.drawing import compile_route
from geo.refused import RouteRefused

T0 = 1_795_492_800.0
MOST = 400  # pings; enough for every behaviour

steps = st.tuples(st.integers(-300, 300), st.integers(-300, 300))
gaps = st.builds(Gaps, st.floats(50, 2000), st.floats(10, 60), st.floats(60, 300))
speeds = st.builds(
    Speed, st.floats(1, 20), st.floats(0, 0.5), st.floats(0.3, 3), st.floats(20, 800), st.floats(0, 1),
    st.tuples(st.floats(0, 10), st.floats(10, 60)),
)  # fmt: skip
detours = st.lists(
    st.builds(Detour, st.floats(0, 3000), st.floats(20, 500), st.floats(0, 200), st.floats(1, 10)), max_size=2
)
effects = st.lists(
    st.one_of(
        st.builds(Noise, st.floats(0.1, 20)), st.builds(Outliers, st.floats(0, 0.3)),
        st.builds(Offline, gaps), st.builds(NoFix, gaps), st.builds(Silent, st.floats(100, 3000)),
    ),
    max_size=4,
)  # fmt: skip
seeds = st.integers(0, 2**32)


@st.composite
def routes(draw):
    """A walk of some hundred metres a leg around a district."""
    lon, lat = 121.47, 31.23
    line = [(lon, lat)]
    for east, north in draw(st.lists(steps, min_size=1, max_size=12)):
        lon, lat = lon + east * 1e-5, lat + north * 1e-5
        line.append((lon, lat))
    try:
        return compile_route(line)
    except RouteRefused:
        assume(False)


def pings(route, rider, seed, interval=10.0):
    return list(itertools.islice(Ride(route, rider, seed).pings(T0, every(interval)), MOST))


def metres(route, ping):
    return route.plane.to_xy(ping.lon, ping.lat)


@given(routes(), speeds, detours, effects, seeds)
def test_the_same_seed_makes_the_same_pings_and_another_does_not(route, speed, gone, some, seed) -> None:
    rider = Rider(speed, tuple(gone), (Noise(), *some))
    made = pings(route, rider, seed)
    assert repr(made) == repr(pings(route, rider, seed))
    assert repr(made) != repr(pings(route, rider, seed + 1)) or not made


@given(routes(), speeds, detours, seeds)
def test_without_effects_a_ping_lies_where_its_truth_says(route, speed, gone, seed) -> None:
    for ping in pings(route, Rider(speed, tuple(gone), ()), seed):
        away = math.dist(metres(route, ping), route.xy_at(ping.along_m))
        assert abs(away - ping.away_m) < 0.05
        assert ping.on_route == (ping.away_m == 0)
        assert not ping.outlier


@given(routes(), speeds, detours, effects, seeds, st.floats(0.5, 30))
def test_truth_moves_forward_no_faster_than_the_rider(route, speed, gone, some, seed, interval) -> None:
    made = pings(route, Rider(speed, tuple(gone), tuple(some)), seed, interval)
    top = speed.cruise_mps * (1 + speed.spread)
    for a, b in itertools.pairwise(made):
        assert b.t_ms > a.t_ms
        assert b.ready_ms >= a.ready_ms
        assert -0.011 <= b.along_m - a.along_m <= top * (b.t_ms - a.t_ms + 1) / 1000 + 0.02
    assert all(ping.ready_ms >= ping.t_ms and 0 <= ping.along_m <= route.length_m + 0.01 for ping in made)


@given(routes(), speeds, detours, effects, seeds)
def test_effects_change_what_the_phone_believes_and_never_the_truth(route, speed, gone, some, seed) -> None:
    plain = {ping.t_ms: ping for ping in pings(route, Rider(speed, tuple(gone), ()), seed)}
    for ping in pings(route, Rider(speed, tuple(gone), tuple(some)), seed):
        if true := plain.get(ping.t_ms):
            assert (ping.along_m, ping.away_m, ping.speed_mps) == (true.along_m, true.away_m, true.speed_mps)


@given(routes(), speeds, effects, seeds)
def test_one_more_effect_changes_nothing_in_the_others(route, speed, some, seed) -> None:
    assume(not any(isinstance(effect, Silent) for effect in some))
    before = pings(route, Rider(speed, (), (Noise(), *some)), seed)
    after = pings(route, Rider(speed, (), (Silent(math.inf), Noise(), *some)), seed)
    assert repr(before) == repr(after)


@given(routes(), speeds, seeds)
def test_a_ride_ends_when_it_arrives(route, speed, seed) -> None:
    ride = Ride(route, Rider(speed, (), ()), seed)
    arrival = ride.motion().arrive()
    *_, last = ride.pings(T0, every(10.0))
    assert abs(last.along_m - route.length_m) < 0.011
    assert arrival <= last.t_ms / 1000 - T0 + 0.001 < arrival + 10.01
