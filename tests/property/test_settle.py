"""The final record: a pure function of the set of pings, finite whatever the phones sent."""

from __future__ import annotations

import json
import math
import random
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geo.arrival import SURE, Stop
from geo.smooth import smooth
from geo.state import Fix
from geo.summary import summarise
from processors.settle.record import MOST_DEVICES, MOST_INCIDENTS, digest_of, make_record
from processors.settle.rest import Resting
from processors.settle.settle import Settler
from storage.trips import Trip
from telemetry.history import Sighting, Sightings, unite
from telemetry.ping import MOCK, Ping
from tests.fakes import FakeHistory, FakeLive, FakeQuarantine, FakeRoutes
from tests.fakes_stacks import FakeTrips
from tests.rides import LAPS, OUT_AND_BACK, PLAIN, ROUTES, at, drive
from tests.strategies import T0_MS, colliding, pings

TRIP = Trip("tr_1", "demo", "mei", "tk_1", "lap@1", T0_MS, T0_MS + 3_600_000, T0_MS + 3_000_000)

near = st.builds(
    Ping,
    t_ms=st.integers(0, 3600).map(lambda s: T0_MS + s * 1000),
    lat_e6=st.integers(31_225_000, 31_260_000),
    lon_e6=st.integers(121_465_000, 121_505_000),
    accuracy_dm=st.sampled_from([-1, 50, 800]),
    speed_dmps=st.sampled_from([-1, 0, 60]),
    heading=st.integers(-1, 359),
    flags=st.sampled_from([0, MOCK]),
)
sightings = st.lists(st.builds(Sighting, st.sampled_from(["app", "dv_1"]), near | pings), max_size=25)


def stop(name: str, along_m: float, radius_m: float) -> Stop:
    return Stop(name, 0.0, 0.0, radius_m, along_m)


def united(*found: Sighting):
    return unite({}, found).sightings


@given(sightings, st.randoms(use_true_random=False))
def test_the_order_of_pings_does_not_matter_and_every_number_is_finite(found, chance) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    stops = [stop("half", PLAIN.length_m / 2, 30.0), stop("nowhere", -1e6, 0.0)]
    record = make_record(TRIP, PLAIN, united(*found), stops)
    # Of two pings at the same identity the better wins, whatever the order.
    assert make_record(TRIP, PLAIN, united(*shuffled), stops) == record
    json.dumps(record, allow_nan=False)
    assert 0 <= record["progress"]["fraction"] <= 1
    assert 0 <= record["quality"]["outliers"] <= 1
    assert sum(record["quality"]["devices"].values()) == record["quality"]["pings"]


@given(st.lists(colliding, max_size=8), st.lists(colliding, max_size=8))
def test_digests_are_equal_exactly_for_equal_sets(a, b) -> None:
    one, other = united(*a), united(*b)
    assert (digest_of(TRIP, one) == digest_of(TRIP, other)) == (one == other)


def test_a_digest_tells_routes_and_trips_apart() -> None:
    other_route = Trip("tr_1", "demo", "mei", "tk_1", "lap@2", T0_MS, T0_MS + 1)
    other_trip = Trip("tr_2", "demo", "mei", "tk_1", "lap@1", T0_MS, T0_MS + 1)
    assert len({digest_of(trip, {}) for trip in (TRIP, other_route, other_trip)}) == 3


def test_a_trip_without_a_ping_settles_too() -> None:
    record = make_record(TRIP, PLAIN, Sightings(), [stop("half", 100.0, 30.0)])
    assert record["distance_m"] == 0
    assert record["average_mps"] is record["max_mps"] is None
    assert record["on_time"] is False
    none = {"count": 0, "share": 0.0}
    assert record["quality"] == {
        "pings": 0, "outliers": 0.0, "mock": none, "implausible": none,
        "longest_gap_s": 3600.0, "devices": {},
    }  # fmt: skip
    assert record["stops"][0]["visited"] is False
    assert record["arrival"] == {
        "at": None, "not_before": T0_MS / 1000, "left_m": round(PLAIN.length_m, 1),
    }  # fmt: skip


def test_on_time_is_known_only_with_a_deadline() -> None:
    free = Trip("tr_1", "demo", "mei", "tk_1", "lap@1", T0_MS, T0_MS + 1)
    early = Trip("tr_1", "demo", "mei", "tk_1", "lap@1", T0_MS, T0_MS + 1, T0_MS + 1)
    assert [make_record(trip, PLAIN, Sightings())["on_time"] for trip in (free, early, TRIP)] == [
        None,
        True,
        False,
    ]


def summed(route, fixes, stops=(), began=None):
    return summarise(route, fixes, smooth(route, fixes, began), stops)


chosen = st.tuples(st.sampled_from(ROUTES), st.sampled_from([1.3, 4.0, 8.0, 14.0]), st.integers(0, 9))


def ridden(route, speed, seed):
    """Fixes of a ride, and when it was at the end."""
    fixes = [fix for _, fix in drive(route, speed, 10.0, 4.0, seed)]
    return fixes, fixes[0].t + route.length_m / speed


@given(chosen)
def test_a_whole_ride_shows_when_it_was_at_the_end(of) -> None:
    route, *_ = of
    fixes, there = ridden(*of)
    found = summed(route, fixes).reached
    assert found.at == found.not_before
    assert found.left_m == 0
    # The end counts from 40 m before it on, and the fix that shows it may come one step later.
    assert there - 80 / of[1] - 1 <= found.at <= there + 10


@given(chosen, st.floats(0.02, 1.0), st.floats(0.0, 1.0), st.randoms(use_true_random=False))
def test_the_true_time_at_the_end_is_never_contradicted_whenever_the_phone_was_off(
    of, share, kept, chance
) -> None:
    """The last fixes never come, nor do some of the others, also of the beginning: who was there then may say
    so.
    """
    route, *_ = of
    fixes, there = ridden(*of)
    heard = [fix for fix in fixes[: max(1, round(share * len(fixes)))] if chance.random() <= kept]
    found = summed(route, heard, began=fixes[0].t).reached
    assert (found is None) == (not heard)
    assert found is None or found.not_before <= there + 10


@given(chosen, st.floats(0.05, 0.75))
def test_who_states_a_finish_on_the_way_is_contradicted_by_the_ride(of, share) -> None:
    """Pings come until the stated finish, and none of later counts. On laps, which end where they begin, only
    where it is sure which lap it is.
    """
    route, *_ = of
    fixes, _ = ridden(*of)
    heard = fixes[: max(2, round(share * len(fixes)))]
    matched = smooth(route, heard)
    assume(any(it.confidence >= SURE for it in matched))
    found = summarise(route, heard, matched, ()).reached
    assert found.at is None
    assert found.not_before > heard[-1].t + 10
    assert found.left_m > 0.2 * route.length_m


@pytest.mark.parametrize(("route", "speed", "first_m"), [(LAPS, 4.0, 3600.0), (OUT_AND_BACK, 1.3, 5900.0)])
def test_a_phone_that_is_first_heard_late_does_not_put_its_courier_at_the_beginning(
    route, speed, first_m
) -> None:
    fixes, there = ridden(route, speed, 0)
    heard = [fix for fix in fixes if fix.t >= fixes[0].t + first_m / speed][:2]
    assert summed(route, heard).reached.not_before > there + 10
    assert summed(route, heard, began=fixes[0].t).reached.not_before <= there


@pytest.mark.parametrize("speed", [1.3, 4.0, 8.0, 14.0])
@pytest.mark.parametrize("seed", range(4))
def test_a_phone_that_takes_its_time_for_a_first_fix_leaves_no_doubt_which_lap_it_is(speed, seed) -> None:
    """The ride does not lose its progress, nor may its finish be stated for any time."""
    fixes, _ = ridden(LAPS, speed, seed)
    heard = fixes[: round(0.6 * len(fixes))]
    found = summed(LAPS, heard, began=heard[0].t - 40)
    assert found.reached_m > 0.59 * LAPS.length_m
    assert found.reached.not_before > heard[-1].t + 10


def test_who_was_at_the_end_and_rides_home_was_there_all_the_same() -> None:
    fixes, there = ridden(PLAIN, 6.0, 3)
    home = [fix._replace(t=fixes[-1].t + 10.0 * (i + 1)) for i, fix in enumerate(fixes[::-1])]
    assert summed(PLAIN, [*fixes, *home]).reached.at <= there + 10
    # No fix shows the end, but between two there was time for it.
    away = [fix for fix in [*fixes, *home] if abs(fix.t - there) > 120]
    found = summed(PLAIN, away).reached
    assert found.at is None
    assert away[0].t < found.not_before <= there


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(("speed", "step"), [(6.0, 10.0), (1.3, 10.0), (10.0, 1.0), (6.0, 60.0)])
def test_distance_times_and_speeds_are_those_of_the_ride(route, speed, step) -> None:
    fixes = [fix for _, fix in drive(route, speed, step, 4.0, 11)]
    found, took = summed(route, fixes, [stop("half", route.length_m / 2, 30.0)]), fixes[-1].t - fixes[0].t
    assert found.distance_m == pytest.approx(route.length_m, rel=0.02)
    assert found.moving_s == pytest.approx(took, rel=0.06)
    assert found.average_mps == pytest.approx(speed, rel=0.08)
    assert 0.9 * speed <= found.top_mps <= speed + 1.5
    assert found.completed
    assert found.incidents == []
    (visit,) = found.visits
    assert visit.arrived == pytest.approx(fixes[0].t + (route.length_m / 2 - 30) / speed, abs=25 / speed + 3)
    assert visit.stayed_s == pytest.approx(60 / speed, rel=0.6)


def test_standing_still_is_neither_distance_nor_moving() -> None:
    rng = random.Random(5)
    lon, lat = PLAIN.point_at(500.0)
    here = Fix(1.8e9, lat, lon, 5.0)
    fixes = [at(here._replace(t=1.8e9 + 10 * i), rng.gauss(0, 5), rng.gauss(0, 5)) for i in range(360)]
    found = summed(PLAIN, fixes)
    assert found.distance_m < 250  # an hour of noise; leg by leg it adds up to two kilometres
    assert found.moving_s < 120
    assert found.top_mps < 1.5


def test_one_wild_fix_makes_no_speed_no_distance_and_no_incident() -> None:
    fixes = [fix for _, fix in drive(PLAIN, 6.0, 10.0, 3.0, 7)]
    wild = [at(fix, north=900) if i == 30 else fix for i, fix in enumerate(fixes)]
    found = summed(PLAIN, wild)
    assert found.outliers == 1
    assert found.incidents == []
    assert found.top_mps < 8
    assert found.distance_m == pytest.approx(PLAIN.length_m, rel=0.02)


def test_a_detour_is_an_incident_with_its_place_and_length() -> None:
    fixes = [fix for _, fix in drive(PLAIN, 6.0, 10.0, 3.0, 7)]
    off = range(6, 18)
    found = summed(PLAIN, [at(fix, north=300) if i in off else fix for i, fix in enumerate(fixes)])
    (incident,) = found.incidents
    assert (incident.begin, incident.end) == (fixes[6].t, fixes[17].t)
    assert incident.lat == pytest.approx(at(fixes[6], north=300).lat)
    assert incident.along_m == pytest.approx(360, abs=120)
    assert incident.length_m == pytest.approx(11 * 60 + 2 * 300, rel=0.25)
    assert 150 < incident.offset_m < 330


def test_a_trip_that_stops_half_way_is_not_completed() -> None:
    fixes = [fix for along, fix in drive(LAPS, 6.0, 10.0, 3.0, 7) if along < 2_000]
    found = summed(LAPS, fixes)
    assert not found.completed
    assert found.reached_m == pytest.approx(2_000, abs=80)


def test_what_was_ridden_covers_the_route_once_and_a_detour_leaves_a_hole() -> None:
    drives = [fix for _, fix in drive(PLAIN, 6.0, 10.0, 3.0, 7)]
    begin, there = drives[0].t, drives[:40]
    back = [fix._replace(t=begin + 10 * (40 + i)) for i, fix in enumerate(reversed(there))]
    again = [fix._replace(t=begin + 10 * (80 + i)) for i, fix in enumerate(there)]
    detour = [at(fix, north=300) if i in range(6, 18) else fix for i, fix in enumerate(drives)]
    assert summed(PLAIN, drives).covered_m == pytest.approx(PLAIN.length_m, abs=15)
    assert summed(PLAIN, [*there, *back, *again]).covered_m == pytest.approx(39 * 60, abs=30)
    assert summed(PLAIN, detour).covered_m == pytest.approx(PLAIN.length_m - 13 * 60, abs=80)


def test_a_record_names_a_bounded_number_of_phones() -> None:
    """Names come with the upload: thousands of them must not fill the row."""
    found = [Sighting(f"phone {i:03}", Ping(T0_MS + i, 31_230_000, 121_470_000)) for i in range(90)]
    again = Sighting("phone 089", Ping(T0_MS + 5_000, 31_230_000, 121_470_000))
    devices = make_record(TRIP, PLAIN, united(*found, again))["quality"]["devices"]
    assert len(devices) == MOST_DEVICES
    assert devices["phone 089"] == 2


def test_a_record_keeps_the_longest_incidents_only() -> None:
    """Hundreds of them must not fill the row."""
    route, found, t = OUT_AND_BACK, [], 0
    for turn in range(MOST_INCIDENTS + 30):
        for i in range(7):
            lon, lat = route.point_at(100.0)
            fix = at(Fix(0, lat, lon), north=400.0 if i > 3 else 0.0)
            extra = 1 if turn == 150 and i == 6 else 0
            t += 10_000 * (1 + 5 * extra)
            found.append(Sighting("app", Ping(T0_MS + t, round(fix.lat * 1e6), round(fix.lon * 1e6), 50)))
    off_route = make_record(TRIP, route, united(*found))["off_route"]
    assert off_route["count"] == MOST_INCIDENTS + 30
    assert len(off_route["incidents"]) == MOST_INCIDENTS
    assert max(it["end"] - it["begin"] for it in off_route["incidents"]) == 70
    assert off_route["incidents"] == sorted(off_route["incidents"], key=lambda it: it["begin"])
    assert all(math.isfinite(value) for it in off_route["incidents"] for value in it.values())


class Interrupted(Exception):
    pass


class Between:
    """Stands in front of a store: before each of its calls something else may happen, or the caller crash."""

    def __init__(self, store, happen) -> None:
        self._store, self._happen = store, happen

    def __getattr__(self, name):
        act = getattr(self._store, name)

        def call(*args):
            self._happen()
            return act(*args)

        return call


steps = st.lists(st.sampled_from(["nothing", "upload", "half an upload", "crash"]), max_size=40)


def settled_through(trips, plan) -> tuple[int, int]:
    """How many pings came of the trip, and how many its record knows when all timers have fired."""
    live, history, left, unmarked, count = FakeLive(), FakeHistory(), list(plan), [], [0]
    trips.start(Trip("tr_1", "demo", "mei", "tk_1", "lap@1", T0_MS))
    trips.finish(TRIP)

    def upload(*, whole: bool) -> None:
        """As track does: chunk, then mark; or it crashes in between, and the upload is delivered again."""
        late = Sighting("app", Ping(T0_MS + 10_000 * count[0], 31_230_000 + count[0], 121_470_000, 50))
        count[0] += 1
        history.unite("demo/tr_1", late.bucket, [*Sightings.of([late]).parts], lambda _: None)
        if whole:
            trips.mark_late("tr_1")
        else:
            unmarked.append(late)

    def happen() -> None:
        step = left.pop(0) if left else "nothing"
        if step in {"upload", "half an upload"}:
            upload(whole=step == "upload")
        if step == "crash":
            raise Interrupted

    seen = [Between(store, happen) for store in (trips, live, history)]
    resting = Resting(seen[1], seen[2], FakeQuarantine())
    settler = Settler(*seen, FakeRoutes(lap=PLAIN), resting, lambda: T0_MS / 1000, Silent())
    fired = 0
    while fired < trips.marks["tr_1"] or unmarked:
        if fired == trips.marks["tr_1"]:  # delivered again
            unmarked.pop()
            trips.mark_late("tr_1")
        fired += 1
        done = False
        while not done:
            with suppress(Interrupted):
                settler.settle("tr_1")
                done = True
    return count[0], trips.settled["tr_1"].record["quality"]["pings"]


class Silent:
    def info(self, msg, *, extra) -> None:
        pass


@given(steps)
def test_whatever_comes_in_between_the_record_knows_every_ping_in_the_end(plan) -> None:
    came, known = settled_through(FakeTrips(), plan)
    assert known == came


def test_without_the_condition_on_marks_pings_would_be_missed() -> None:
    class Careless(FakeTrips):
        def settle(self, standing, settled):
            return super().settle(replace(standing, marks=self.marks["tr_1"]), settled)

    # row, live item (twice), history: the upload comes when all has been read
    came, known = settled_through(Careless(), ["nothing"] * 4 + ["upload"])
    assert (came, known) == (1, 0)
