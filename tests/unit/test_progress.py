"""Speed, ETA, stalls, stops and the finish."""

from __future__ import annotations

import pytest

from geo.arrival import FINISH_M, Stop, arrived, eta_s, stop_at
from geo.drawing import compile_route
from geo.match import advance
from geo.state import MatchState
from tests.rides import LAPS, PLAIN, ROUTES, at, drive, line

RIDE = [fix for _, fix in drive(PLAIN, 6.0, 10.0, 4.0, seed=11)]


def test_speed_and_eta_of_a_steady_ride() -> None:
    state, _ = advance(PLAIN, MatchState(), RIDE[:40])
    assert state.speed_mps == pytest.approx(6.0, abs=1.0)
    left = (PLAIN.length_m - state.along_m) / 6.0
    assert eta_s(state, PLAIN.length_m) == pytest.approx(left, rel=0.5)
    assert eta_s(MatchState(), PLAIN.length_m) is None


def test_arrival_is_said_at_the_end_and_not_before() -> None:
    state, _ = advance(PLAIN, MatchState(), RIDE[:-20])
    assert not arrived(state, PLAIN.length_m)
    state, _ = advance(PLAIN, state, RIDE[-20:])
    assert arrived(state, PLAIN.length_m)
    assert not arrived(MatchState(), PLAIN.length_m)


def test_passing_the_end_of_a_first_lap_is_no_arrival() -> None:
    ride = [fix for _, fix in drive(LAPS, 6.0, 10.0, 4.0, seed=11)]
    state, _ = advance(LAPS, MatchState(), ride[:25])
    assert not arrived(state, LAPS.length_m)
    state, _ = advance(LAPS, state, ride[25:])
    assert arrived(state, LAPS.length_m)


def test_a_ride_comes_by_its_stops() -> None:
    stops = [Stop("a", 0, 0, 40.0, 300.0), Stop("b", 0, 0, 40.0, 340.0), Stop("c", 0, 0, 40.0, 2000.0)]
    where = []
    state = MatchState()
    for fix in RIDE[:20]:
        state, _ = advance(PLAIN, state, [fix])
        where.append(stop_at(stops, state))
    assert where[0] is None
    assert [w for w in dict.fromkeys(where) if w is not None] == [0, 1]
    assert stop_at(stops, MatchState()) is None


def test_off_the_route_there_is_no_stop() -> None:
    away = [at(fix, north=200) for fix in RIDE[4:10]]
    state, _ = advance(PLAIN, MatchState(), [*RIDE[:4], *away])
    assert not state.on_route
    assert stop_at([Stop("a", 0, 0, 100.0, state.along_m)], state) is None
    assert eta_s(state, PLAIN.length_m) is None


def test_a_route_whose_length_is_not_known_is_never_arrived_at() -> None:
    state, _ = advance(PLAIN, MatchState(), RIDE)
    assert not arrived(state, 0.0)


def test_a_short_route_is_not_arrived_at_from_its_start() -> None:
    short = compile_route(line([(0, 0), (FINISH_M * 0.8, 0)]))
    ride = [fix for _, fix in drive(short, 1.0, 2.0, 0.0, seed=1)]
    state, _ = advance(short, MatchState(), ride[:2])
    assert not arrived(state, short.length_m)
    state, _ = advance(short, state, ride[2:])
    assert arrived(state, short.length_m)


def test_an_eta_is_a_number_or_none_whoever_rides_however() -> None:
    for route in ROUTES:
        state = MatchState()
        for _, fix in drive(route, 3.0, 15.0, 30.0, seed=5):
            state, _ = advance(route, state, [fix])
            eta = eta_s(state, route.length_m)
            assert eta is None or 0 <= eta <= route.length_m / 0.3


def test_off_route_is_entered_and_left_at_different_distances() -> None:
    def told(north: float, before: list) -> bool:
        _, found = advance(PLAIN, MatchState(), [*before, *(at(f, north=north) for f in RIDE[10:16])])
        return found[-1].on_route

    inside, strayed = RIDE[:10], [*RIDE[:4], *(at(f, north=200) for f in RIDE[4:10])]
    assert told(50.0, inside)  # the leg runs slantwise: this is 49 m off it, between the two thresholds
    assert not told(50.0, strayed)
    assert told(10.0, strayed)


def test_a_long_stand_is_a_stall_and_ends_with_the_ride() -> None:
    stand = [RIDE[20]._replace(t=RIDE[20].t + 10 * i) for i in range(1, 25)]
    state, _ = advance(PLAIN, MatchState(), [*RIDE[:21], *stand])
    assert state.stalled
    on = [fix._replace(t=fix.t + 240) for fix in RIDE[21:40]]
    state, _ = advance(PLAIN, state, on)
    assert not state.stalled
