"""Doubtful pings: counted alike however they come, and only where no error of the fixes explains it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from geo.ellipsoid import metres_per_degree
from telemetry.columns import Doubts
from telemetry.doubts import FASTEST_MPS, all_doubts, doubts
from telemetry.history import Sighting, Sightings
from telemetry.ping import MOCK, Ping
from telemetry.pings import Pings
from tests.kinesis import records
from tests.property.test_track import Stack, ride, upload
from tests.strategies import T0_MS, pings

PER_LAT, PER_LON = 111_200.0, 95_080.0  # metres a degree at 31.23 north, to 0.5 %


def leg(metres: float, seconds: float, accuracy_dm: int = 50) -> list[Ping]:
    return [
        Ping(T0_MS, 31_230_000, 121_470_000, accuracy_dm),
        Ping(
            T0_MS + round(seconds * 1000),
            31_230_000,
            121_470_000 + round(metres / PER_LON * 1e6),
            accuracy_dm,
        ),
    ]


def count(*found: Ping) -> Doubts:
    return doubts(Pings.of(found))


def test_the_constant_is_the_ellipsoid_s() -> None:
    _east, north = metres_per_degree(31.23)
    assert abs(float(_east) / PER_LON - 1) < 0.01
    assert abs(float(north) / PER_LAT - 1) < 0.01


def test_a_leg_is_implausible_beyond_the_limit_and_both_accuracies() -> None:
    reach = FASTEST_MPS * 10 + 10  # two accuracies of 5 m
    assert count(*leg(reach * 0.98, 10)) == (0, 0)
    assert count(*leg(reach * 1.02, 10)) == (0, 1)
    assert count(*leg(reach * 1.02, 10, accuracy_dm=500)) == (0, 0)
    assert count(*leg(reach * 1.02, 10, accuracy_dm=-1)) == (0, 0)  # not stated: 100 m each


def test_two_fixes_within_milliseconds_are_no_flight() -> None:
    assert count(*leg(60.0, 0.003)) == (0, 0)
    assert count(*leg(120.0, 0.003)) == (0, 1)


def test_the_antimeridian_is_no_journey_around_the_world() -> None:
    a, b = Ping(T0_MS, 0, 179_999_990, 50), Ping(T0_MS + 10_000, 1, -179_999_990, 50)
    assert count(a, b) == (0, 0)


def test_each_phone_is_looked_at_alone() -> None:
    one = [Sighting("app", p) for p in ride(6)]
    home = [Sighting("dv_2", p._replace(t_ms=p.t_ms + 5_000, lat_e6=32_000_000, flags=MOCK)) for p in ride(6)]
    assert all_doubts(Sightings.of(one + home)) == (6, 0)


@given(st.lists(pings, min_size=1, max_size=40, unique_by=lambda ping: ping.t_ms), st.data())
def test_parts_add_up_to_the_whole(found, data) -> None:
    whole = Pings.of(sorted(found))
    cut = data.draw(st.integers(0, len(whole)))
    before, after = doubts(whole[:cut]), doubts(whole, cut)
    assert doubts(whole) == (before.mock + after.mock, before.implausible + after.implausible)
    assert doubts(whole).mock == sum(ping.mock for ping in found)


@given(st.sets(st.integers(0, 89)), st.sets(st.integers(0, 89)), st.data())
def test_live_counts_are_those_of_the_set_however_it_is_cut_and_repeated(jumps, mocks, data) -> None:
    ridden = [
        ping._replace(lat_e6=ping.lat_e6 + 100_000 * (i in jumps), flags=MOCK * (i in mocks))
        for i, ping in enumerate(ride(90))
    ]
    stack, at = Stack(), 0
    while at < len(ridden):
        end = data.draw(st.integers(at + 1, len(ridden)))
        again = data.draw(st.integers(max(at - 3, 0), at))
        assert stack.tracker.track(records([upload(*ridden[again:end])])) == []
        at = end
    live = stack.live.items["demo/wang"]
    stored = Sightings.of(stack.stored()["tr_3"])
    assert (live.mock, live.implausible) == all_doubts(stored) == count(*ridden)
    assert live.mock == len(mocks)


def test_a_late_ping_is_counted_when_the_trip_is_settled() -> None:
    ridden = ride(120)
    late = ridden[3]._replace(flags=MOCK)
    stack = Stack()
    stack.tracker.track(records([upload(*ridden[:3], *ridden[4:])]))
    stack.tracker.track(records([upload(late)]))
    assert stack.live.items["demo/wang"].mock == 0
    assert all_doubts(Sightings.of(stack.stored()["tr_3"])).mock == 1


def test_numbers_that_fill_the_block_do_not_overflow() -> None:
    """Whoever else writes to the stream may state any accuracy."""
    pings = Pings.of([Ping(i * 1000, 31_000_000 + i, 121_000_000, accuracy_dm=2**62) for i in range(2)])
    assert doubts(pings) == Doubts(mock=0, implausible=0)
