"""Stops along any line: those that a rider passes are placed in order, near where they were put."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geo.drawing import compile_route
from geo.refused import StopRefused
from geo.route import CompiledRoute
from geo.stops import TOGETHER_M, Place
from tests.rides import HOME, OUT_AND_BACK, ROUTES, line

SHARES = st.lists(st.floats(0, 1), max_size=8).map(sorted)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


def distance(route: CompiledRoute, along_m: float, place: Place) -> float:
    x, y = HOME.to_xy(*route.point_at(along_m))
    u, v = HOME.to_xy(place.lon, place.lat)
    return ((x - u) ** 2 + (y - v) ** 2) ** 0.5


@given(st.sampled_from(ROUTES), SHARES, NAMES, st.floats(10, 200), st.floats(-1, 1))
@example(OUT_AND_BACK, [0.5004459860276286] * 2, "tip", 10.0, 0.50390625)  # two passes, 5 m apart
def test_what_is_passed_in_order_is_placed_in_order(route, shares, name, radius, aside) -> None:
    places = []
    for share in shares:
        x, y = HOME.to_xy(*route.point_at(share * route.length_m))
        lon, lat = HOME.to_lonlat(x, y + aside * 0.9 * radius)
        places.append(Place(f"{name}{len(places)}", lon + len(places) * 1e-9, lat, radius))
    drawn = list(zip(route.lon.tolist(), route.lat.tolist(), strict=True))
    placed = compile_route(drawn, places)
    assert [stop.name for stop in placed.stops] == [place.name for place in places]
    alongs = [stop.along_m for stop in placed.stops]
    assert alongs == sorted(alongs)
    assert all(0 <= along <= placed.length_m for along in alongs)
    for stop, place in zip(placed.stops, places, strict=True):
        assert distance(placed, stop.along_m, place) <= radius + TOGETHER_M + 0.1
    assert CompiledRoute.from_bytes(placed.to_bytes()).stops == placed.stops


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(allow_nan=True), st.floats(0, 1e3))
def test_any_place_is_placed_or_refused(lat, lon, radius, x) -> None:
    here = HOME.to_lonlat(x, 0)
    for place in (Place("a", lon, lat, radius), Place("a", *here, radius)):
        with suppress(StopRefused):
            (stop,) = compile_route(line([(0, 0), (500, 0), (1000, 0)]), [place]).stops
            assert 0 <= stop.along_m <= 1000.1
            assert stop.radius_m == pytest.approx(radius, abs=0.051)
