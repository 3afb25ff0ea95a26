"""A compiled route: true lengths over its whole extent, its bytes, and what cannot be one."""

from __future__ import annotations

import itertools
import math
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geo.drawing import MAX_VERTICES, TOLERANCE_M, compile_route
from geo.match import advance
from geo.refused import RouteRefused
from geo.route import CompiledRoute
from geo.state import Fix, MatchState
from tests.rides import HOME, PLAIN, line

EARTH = Geod(ellps="WGS84")
lines = st.lists(
    st.tuples(st.floats(121.3, 121.6), st.floats(31.1, 31.4)), min_size=2, max_size=30, unique=True
)


def nearest(route: CompiledRoute, lon: float, lat: float) -> float:
    return min(offset for _, offset in route.searchable.passes(lon, lat, 200.0))


@given(lines)
def test_a_compiled_route_survives_its_bytes(lonlat) -> None:
    try:
        route = compile_route(lonlat)
    except RouteRefused:
        assert max(math.dist(*pair) for pair in itertools.pairwise(lonlat)) < 3e-5  # within the tolerance
        return
    again = CompiledRoute.from_bytes(route.to_bytes())
    assert again == route
    assert again.length_m == route.length_m
    assert route.point_at(0) == pytest.approx(lonlat[0], abs=1e-7)
    assert route.point_at(route.length_m) == pytest.approx(lonlat[-1], abs=1e-7)


@given(lines)
def test_simplifying_leaves_every_drawn_point_within_the_tolerance_and_the_length_as_drawn(lonlat) -> None:
    try:
        route = compile_route(lonlat)
    except RouteRefused:
        return
    lon, lat = zip(*lonlat, strict=True)
    assert route.length_m == pytest.approx(EARTH.line_length(lon, lat), rel=1e-5, abs=0.1)
    for x, y in lonlat:
        assert nearest(route, x, y) < TOLERANCE_M + 0.1


def test_who_stood_at_the_start_and_at_the_end_while_recording_leaves_legs_with_two_ends() -> None:
    """Two kilometres and more within a metre of one place, which a block of the simplifying cuts there."""
    here = [(121.47 + 0.000004 * (i % 2), 31.23) for i in range(12_001)]
    there = [(121.49 + 0.000004 * (i % 2), 31.23) for i in range(12_001)]
    route = compile_route(here + there)
    at = list(zip(route.lon, route.lat, strict=True))
    assert all(a != b for a, b in itertools.pairwise(at))
    assert route.point_at(0) == pytest.approx(here[0], abs=1e-7)
    assert route.point_at(route.length_m) == pytest.approx(there[-1], abs=1e-7)
    assert nearest(route, *here[0]) < TOLERANCE_M


@given(
    st.floats(-180, 180),
    st.floats(-70, 70),
    st.floats(0, 360),
    st.sampled_from([1e3, 1e5, 1e6]),
    st.integers(25, 60),
)
def test_lengths_and_offsets_are_the_geodesics_within_a_thousandth(lon, lat, azimuth, length, points) -> None:
    """Over up to 1,000 km, across the antimeridian too."""
    steps = np.linspace(0, length, points)
    xs, ys, _ = EARTH.fwd(np.full(points, lon), np.full(points, lat), np.full(points, azimuth), steps)
    if np.abs(ys).max() > 84:
        return
    route = compile_route(list(zip(xs, ys, strict=True)))
    assert route.length_m == pytest.approx(length, rel=1e-3)
    for i in (0, points // 3, points - 1):
        there = route.point_at(steps[i] / length * route.length_m)
        assert EARTH.inv(*there, xs[i], ys[i])[2] < 1e-3 * length + 0.1
        back = EARTH.inv(xs[i - 1], ys[i - 1], xs[i], ys[i])[1] if i else azimuth + 180
        x, y, _ = EARTH.fwd(xs[i], ys[i], back + 90, 35.0)
        assert nearest(route, x, y) == pytest.approx(35.0, rel=2e-3, abs=TOLERANCE_M)


def test_distances_far_off_are_told_too() -> None:
    for x, y, expected in ((-300.0, 0.0, 300.0), (3000.0, 12_500.0, 10_000.0)):
        lon, lat = HOME.to_lonlat(x, y)
        _, found = advance(PLAIN, MatchState(), [Fix(1.8e9, lat, lon, 5.0)])
        assert found[0].offset_m == pytest.approx(expected, rel=0.01)


def test_a_long_dense_route_is_compact_and_found_along_its_whole_length() -> None:
    x = np.arange(50_000) * 10.0
    wiggle = 30.0 * np.sin(x / 40.0)
    route = compile_route(line(list(zip(x.tolist(), wiggle.tolist(), strict=True))))
    assert len(route.to_bytes()) < 400_000
    again = CompiledRoute.from_bytes(route.to_bytes())
    for along in np.linspace(0, route.length_m, 40):
        lon, lat = again.point_at(float(along))
        _, found = advance(again, MatchState(), [Fix(1.8e9, lat, lon, 5.0)])
        assert found[0].offset_m < 0.1
        assert found[0].along_m == pytest.approx(along, abs=1)


@pytest.mark.parametrize("bearing", [0.0, 90.0, 180.0, 270.0])
def test_heading(bearing) -> None:
    x, y = 100 * math.sin(math.radians(bearing)), 100 * math.cos(math.radians(bearing))
    route = compile_route(line([(0, 0), (x, y)]))
    assert math.cos(math.radians(route.heading_at(50) - bearing)) > 0.9999


REFUSED = [
    ([], "two distinct"),
    ([(121.0, 31.0)], "two distinct"),
    ([(121.0, 31.0)] * 5, "two distinct"),
    ([(121.0, 31.0), (121.000005, 31.0), (121.0, 31.0)], "two distinct"),
    ([(31.2, 121.4), (31.3, 121.4)], "lon, lat"),
    ([(121.0, 31.0), (122.0, 31.0)], "50 km"),
    ([(121.0, 31.0), (math.nan, 31.0)], "not on the map"),
    ([(0.0, 86.0), (0.1, 86.0)], "latitudes up to 85"),
    ([(121.0, 31.0)] * (MAX_VERTICES + 1), "limit"),
    ([(121.0 + 0.4 * (i % 2), 31.0) for i in range(100)], "2000 km"),
]


@pytest.mark.parametrize(("lonlat", "words"), REFUSED)
def test_what_cannot_be_a_route_is_refused_with_its_reason(lonlat, words) -> None:
    with pytest.raises(RouteRefused, match=words):
        compile_route(lonlat)


@given(st.binary(max_size=80) | st.builds(lambda cut: PLAIN.to_bytes()[:cut], st.integers(0, 70)))
def test_damaged_bytes_are_refused(data) -> None:
    if data == PLAIN.to_bytes():
        return
    with pytest.raises(ValueError, match=r"format|damaged"):
        CompiledRoute.from_bytes(data)


def test_routes_of_the_format_before_stops_are_still_read() -> None:
    """Bytes as they were written then."""
    body = b"".join(
        int(v).to_bytes(4, "little", signed=True) for v in (10_000, 20_000, -5_000, 5_000, 109_000, 198_000)
    )
    header = struct.pack("<BIqqI", 2, 3, 1_214_700_000, 312_300_000, len(body))
    route = CompiledRoute.from_bytes(header + zlib.compress(body))
    assert (route.length_m, route.stops) == (307.0, ())
    assert route.lon.tolist() == [121.47, 121.471, 121.473]
    assert CompiledRoute.from_bytes(route.to_bytes()) == route


@pytest.mark.parametrize("version", [0, 1, 4, 255])
def test_other_formats_are_refused(version) -> None:
    with pytest.raises(ValueError, match="reads 2 and 3"):
        CompiledRoute.from_bytes(bytes([version]) + PLAIN.to_bytes()[1:])
