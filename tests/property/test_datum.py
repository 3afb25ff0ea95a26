"""The datums, against an implementation that shares no code with ours."""

from __future__ import annotations

import geocoordinates_ffi as oracle
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.datum import EAST, NORTH, SOUTH, WEST, converted, inside

MM_DEG = 1e-3 / 111_320
china = st.tuples(st.floats(WEST, EAST), st.floats(SOUTH, NORTH))
world = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@given(china | world)
def test_gcj02_and_bd09_agree_with_the_oracle(place) -> None:
    lon, lat = place
    gcj = oracle.wgs84_to_gcj02(oracle.Wgs84(lat=lat, lon=lon))
    x, y = converted([lon], [lat], "wgs84", "gcj02")
    assert (x[0], y[0]) == pytest.approx((gcj.lon, gcj.lat), abs=MM_DEG)
    bd = oracle.gcj02_to_bd09(gcj)
    x, y = converted([lon], [lat], "wgs84", "bd09")
    assert (x[0], y[0]) == pytest.approx((bd.lon, bd.lat), abs=MM_DEG)


@given(st.lists(china, min_size=1, max_size=20), st.sampled_from(["gcj02", "bd09"]))
def test_the_inverse_is_better_than_a_millimetre(places, datum) -> None:
    lon, lat = np.array(places).T
    back = converted(*converted(lon, lat, "wgs84", datum), datum, "wgs84")
    assert np.abs(back[0] - lon).max() < MM_DEG
    assert np.abs(back[1] - lat).max() < MM_DEG


@given(world)
def test_every_pair_of_datums_is_finite_and_outside_china_gcj02_is_wgs84(place) -> None:
    lon, lat = np.array([place[0]]), np.array([place[1]])
    for source in ("wgs84", "gcj02", "bd09"):
        for target in ("wgs84", "gcj02", "bd09"):
            assert np.isfinite(converted(lon, lat, source, target)).all()
    if not inside(lon, lat)[0]:
        assert converted(lon, lat, "wgs84", "gcj02") == (lon, lat)


@pytest.mark.parametrize(
    "place", [(WEST - 0.1, 30.0), (EAST + 0.1, 30.0), (100.0, SOUTH - 0.1), (2.35, 48.86)]
)
def test_beyond_the_border_nothing_moves_either_way(place) -> None:
    lon, lat = np.array([place[0]]), np.array([place[1]])
    assert converted(lon, lat, "gcj02", "wgs84") == (lon, lat)
