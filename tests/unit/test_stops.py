"""Stops placed along a line: every pass weighed, in the order of the visits, or refused with the reason."""

from __future__ import annotations

import pytest

from geo.arrival import SURE, Stop, stop_at
from geo.datum import converted
from geo.drawing import compile_route
from geo.match import Matched
from geo.refused import RouteRefused, StopRefused
from geo.route import CompiledRoute
from geo.stops import MAX_STOPS, Place
from tests.rides import HOME, line

OUT_AND_BACK = line([(0, 0), (3000, 0), (0, 0)])
LAPS = line([(0, 0), (300, 0), (300, 300), (0, 300)] * 4 + [(0, 0)])


def place(name: str, x: float, y: float, radius_m: float = 50.0) -> Place:
    return Place(name, *HOME.to_lonlat(x, y), radius_m)


def along(drawn: list[tuple[float, float]], *places: Place) -> list[int]:
    """Metres, to the nearest ten."""
    return [round(stop.along_m, -1) for stop in compile_route(drawn, places).stops]


def test_the_way_back_is_taken_where_the_order_needs_it() -> None:
    a, b = place("a", 1000, 10), place("b", 2000, -10)
    assert along(OUT_AND_BACK, a, b) == [1000, 2000]
    assert along(OUT_AND_BACK, b, a) == [2000, 5000]
    assert along(OUT_AND_BACK, a, b, a) == [1000, 2000, 5000]
    assert along(OUT_AND_BACK, a, b, b, a) == [1000, 2000, 4000, 5000]


def test_a_depot_is_left_and_come_back_to() -> None:
    depot = place("depot", 0, 0)
    assert along(OUT_AND_BACK, depot, depot) == [0, 6000]
    assert along(LAPS, depot, depot) == [0, 1200]
    assert along(LAPS, *[depot] * 5) == [0, 1200, 2400, 3600, 4800]


def test_of_passes_that_are_alike_the_earliest_is_taken_and_of_others_the_nearest() -> None:
    carriageways = line([(0, 0), (3000, 0), (3000, 30), (0, 30)])
    assert along(carriageways, place("near side", 1000, 0)) == [1000]
    assert along(carriageways, place("far side", 1000, 30)) == [5030]
    assert along(carriageways, place("island", 1000, 18)) == [1000]
    assert along(carriageways, place("far side", 1000, 30), place("b", 2000, 0)) == [1000, 2000]
    assert along(LAPS, *[place(name, x, y) for name, x, y in [("a", 150, 0), ("b", 300, 150)] * 2]) == [
        150, 450, 1350, 1650,
    ]  # fmt: skip


def test_two_stops_may_share_a_place_along_the_line() -> None:
    assert along(OUT_AND_BACK, place("left", 1000, 20), place("right", 1000, -20)) == [1000, 1000]


def test_stops_across_the_antimeridian() -> None:
    route = compile_route(
        [(179.99, 0.0), (-179.99, 0.0)], [Place("west", 179.995, 0.0), Place("east", -179.995, 0.0001)]
    )
    assert [stop.along_m / route.length_m for stop in route.stops] == pytest.approx([0.25, 0.75])


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_line_and_stops_are_taken_in_the_datum_that_is_said(datum) -> None:
    stop = place("医院", 1000, 10)
    (x, u), (y, v) = (
        converted([a, b], [c, d], "wgs84", datum)
        for (a, c), (b, d) in zip(OUT_AND_BACK[:2], [(stop.lon, stop.lat)] * 2, strict=True)
    )
    drawn = list(zip(*converted(*zip(*OUT_AND_BACK, strict=True), "wgs84", datum), strict=True))
    moved = compile_route(drawn, [Place(stop.name, float(x[1]), float(u[1]))], datum=datum)
    plain = compile_route(OUT_AND_BACK, [stop])
    assert (float(y[1]), float(v[1])) == (float(x[1]), float(u[1]))
    assert moved.length_m == pytest.approx(plain.length_m, abs=0.1)
    assert moved.point_at(500) == pytest.approx(plain.point_at(500), abs=1e-6)
    assert moved.stops[0] == (
        stop.name,
        pytest.approx(stop.lon, abs=2e-7),
        pytest.approx(stop.lat, abs=2e-7),
        50.0,
        pytest.approx(plain.stops[0].along_m, abs=0.1),
    )


def test_stops_are_in_the_bytes_and_cost_little() -> None:
    names = [f"第{i}号门店（浦东新区）" for i in range(40)]
    route = compile_route(OUT_AND_BACK, [place(name, 50 + 70 * i, 5) for i, name in enumerate(names)])
    again = CompiledRoute.from_bytes(route.to_bytes())
    assert again.stops == route.stops
    assert [stop.name for stop in again.stops] == names
    assert again == route
    bare = compile_route(OUT_AND_BACK)
    assert again != bare
    assert len(route.to_bytes()) - len(bare.to_bytes()) < 40 * 40


REFUSED = [
    ([place("shed", 1000, 80)], 0, r"stop 0 \(shed\) is 80 m from the line, beyond its radius of 50 m"),
    ([place("a", 10, 0), place("b", 0, 9_000)], 1, r"stop 1 \(b\) is 9\d{3} m from the line"),
    ([place("tip", 3000, 0), place("b", 10, 0), place("c", 1000, 0)], 2, r"stop 2 \(c\) is passed at 5000 m"),
    ([place("tip", 3000, 0)] * 2, 1, r"not before 3000 m; stops are in the order"),
    ([place("a", 0, 0, 5.0)], 0, "10 to 500 m"),
    ([place("a", 0, 0, float("nan"))], 0, "radius of nan"),
    ([Place("a", 31.2, 121.4)], 0, "GeoJSON order is lon, lat"),
    ([place("a", 0, 0)] * (MAX_STOPS + 1), MAX_STOPS, "limit is 200"),
]


@pytest.mark.parametrize(("places", "index", "words"), REFUSED)
def test_what_cannot_be_a_stop_is_refused_with_its_reason(places, index, words) -> None:
    with pytest.raises(StopRefused, match=words) as refused:
        compile_route(OUT_AND_BACK, places)
    assert refused.value.index == index
    assert isinstance(refused.value, RouteRefused)


def told(along_m: float, *, on_route: bool = True, confidence: float = 1.0) -> Matched:
    return Matched(along_m, 0.0, 0.0, on_route, confidence, outlier=False)


def test_a_stop_is_where_the_courier_surely_is_within_its_radius() -> None:
    stops = [Stop("a", 0, 0, 40.0, 300.0), Stop("b", 0, 0, 40.0, 340.0), Stop("c", 0, 0, 40.0, 2000.0)]
    assert [stop_at(stops, told(at)) for at in (0, 260, 315, 330, 381, 2040)] == [None, 0, 0, 1, None, 2]
    assert stop_at(stops, told(300, on_route=False)) is None
    assert stop_at(stops, told(300, confidence=SURE - 0.01)) is None
    assert stop_at([], told(300)) is None
