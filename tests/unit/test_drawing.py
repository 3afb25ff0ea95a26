"""Drawings from files: every format says the same, and what cannot be read is told with its place."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.datum import converted
from geo.drawn import files, geojson
from geo.drawn.drawing import Drawing, Unreadable
from geo.hours import Hours, read_hours
from geo.refused import RouteRefused, StopRefused
from geo.stops import Place
from tests.drawings import BOMB, FILES, GPX, KML, LINE, NAME, STOPS
from tests.strategies import json_values


@pytest.mark.parametrize("form", FILES)
def test_every_format_has_the_line_the_stops_and_the_name(form) -> None:
    drawing = files.read(FILES[form], form)
    assert [list(point[:2]) for point in drawing.line] == LINE
    assert list(drawing.stops) == [Place(name, lon, lat) for name, lon, lat in STOPS]
    assert (drawing.name, drawing.others, drawing.time_zone) == (NAME, 0, None)


def test_what_is_written_is_read_again() -> None:
    stops = [Place("a", 121.4768, 31.2305, 40.0, Hours(480, 60)), Place("b", 121.4801, 31.2349)]
    drawing = Drawing([tuple(point) for point in LINE], tuple(stops), NAME, "Asia/Shanghai")
    again = geojson.read(json.dumps(geojson.feature(drawing)).encode())
    assert [tuple(point) for point in again.line] == drawing.line
    assert (again.stops, again.name, again.time_zone) == (tuple(stops), NAME, "Asia/Shanghai")


def test_points_of_a_collection_may_say_radius_and_hours() -> None:
    features = json.loads(FILES["geojson"])
    features["features"][0]["properties"] |= {"radius_m": 30, "opens": "22:00", "closes": "06:30"}
    first, second = files.read(json.dumps(features).encode(), "geojson").stops
    assert (first.radius_m, first.hours) == (30, Hours(1320, 390))
    assert (first.hours.text, second.hours) == (("22:00", "06:30"), None)


def test_a_route_goes_before_tracks_and_further_lines_are_counted() -> None:
    both = GPX.replace(b"</gpx>", b'<rte><rtept lat="1" lon="2"/><rtept lat="1" lon="3"/></rte></gpx>')
    drawing = files.read(both, "gpx")
    assert (list(drawing.line), drawing.others, len(drawing.stops)) == ([(2, 1), (3, 1)], 0, 2)
    twice = KML.replace(b"</Document>", KML[KML.index(b"<Placemark>") :].replace(b"</kml>", b""))
    assert files.read(twice, "kml").others == 1


POINT = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}}


def with_last(member: bytes) -> bytes:
    """The collection, with something else than its last stop's name."""
    return FILES["geojson"].replace(b'"name": "End"', member)


BAD = [
    ("geojson", b"{", "", "truncated"),
    ("geojson", with_last(b'"name": "%b"' % "终点".encode("gb18030")), "", "UTF-8"),
    ("geojson", with_last(b'"x": %b%b' % (b"[" * 99_999, b"]" * 99_999)), "", "depth"),
    ("geojson", b'{"type": "Polygon", "coordinates": []}', "type", "a LineString, a Feature"),
    ("geojson", b'{"type": "LineString", "coordinates": [[1, 2], [1]]}', "coordinates[1]", "length >= 2"),
    ("geojson", b'{"type": "FeatureCollection", "features": []}', "features", "0 LineStrings"),
    ("geojson", json.dumps(POINT).encode(), "geometry.type", "no route"),
    ("geojson", with_last(b'"opens": "8:00"'), "features[2].properties.closes", "together"),
    ("geojson", with_last(b'"radius_m": "x"'), "features[2].properties", "number|float"),
    ("gpx", b"<gpx/>", "", "neither a route nor a track"),
    ("gpx", b"<gpx", "", "not XML"),
    ("gpx", b'<gpx><trk><trkpt lat="1" lon="2"/><trkpt lat="x"/></trk></gpx>', "", r'<trkpt 1 lat="x">'),
    ("gpx", GPX.replace(b"31.2305", b"north"), "", "wpt 0"),
    ("gpx", BOMB, "", "entities"),
    ("kml", BOMB, "", "entities"),
    ("gpx", b'<?xml version="1.0" encoding="GB18030"?><gpx/>', "", "encoding|UTF-8"),
    ("kml", KML.replace(b"121.4801,31.2304,3.5", b"3;4"), "", "position 1, '3;4'"),
    ("kml", b"<kml><LineString/></kml>", "", "no LineString with coordinates"),
    ("kml", b" " * (files.MAX_BYTES + 1), "", "the limit is 16000000"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "data", "field", "words"), BAD)
def test_what_cannot_be_read_is_told_with_its_place(form, data, field, words) -> None:
    with pytest.raises(Unreadable, match=words) as refused:
        files.read(data, form)
    assert refused.value.field == field


@given(json_values | st.recursive(st.none(), lambda inner: st.fixed_dictionaries({"type": st.sampled_from(
    ["Feature", "FeatureCollection", "LineString", "Point"]), "geometry": inner, "features": st.lists(inner),
    "properties": json_values, "coordinates": json_values})))  # fmt: skip
def test_any_json_is_read_or_refused(value) -> None:
    with suppress(Unreadable):
        assert files.read(json.dumps(value).encode(), "geojson").line is not None


@given(st.sampled_from(["gpx", "kml"]), st.integers(0, 2000), st.binary(max_size=8))
def test_damaged_markup_is_read_or_refused(form, at, other) -> None:
    data = FILES[form]
    with suppress(Unreadable):
        assert files.read(data[:at] + other + data[at + len(other) :], form).line is not None


@pytest.mark.parametrize(("form", "name"), [("gpx", b"a"), ("kml", b"Placemark"), ("kml", b"LineString")])
def test_deeply_nested_markup_is_no_trouble(form, name) -> None:
    """Each of them holds all the others: to look into each would take hours."""
    with pytest.raises(Unreadable, match="in one another"):
        files.read(b"<kml>%b%b</kml>" % (b"<%b>" % name * 300_000, b"</%b>" % name * 300_000), form)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_what_was_drawn_in_another_datum_becomes_wgs84(datum) -> None:
    lon, lat = converted([p[0] for p in LINE], [p[1] for p in LINE], "wgs84", datum)
    moved = list(zip(lon.tolist(), lat.tolist(), strict=True))
    here = Drawing(moved, [Place("a", *moved[0])]).in_wgs84(datum)
    for there, point in zip(here.line, LINE, strict=True):
        assert there == pytest.approx(tuple(point), abs=2e-7)
    assert (here.stops[0].lon, here.stops[0].lat) == pytest.approx(tuple(LINE[0]), abs=2e-7)


def test_what_is_on_no_map_is_refused_with_its_point() -> None:
    with pytest.raises(RouteRefused, match="point 1") as refused:
        Drawing([(1, 2), (31.2, 121.4)]).in_wgs84("wgs84")
    assert (refused.value.spot.index, refused.value.spot.lat) == (1, 121.4)
    with pytest.raises(StopRefused, match="stop 0"):
        Drawing([(1, 2)], [Place("a", 0, float("nan"))]).in_wgs84("wgs84")


@pytest.mark.parametrize(
    ("opens", "closes", "words"),
    [
        ("8:00", "09:00", "HH:MM"),
        ("08:00", "24:00", "HH:MM"),
        ("08:00", None, "together"),
        ("01:00", "01:00", "both"),
    ],
)
def test_hours_that_are_none_are_refused(opens, closes, words) -> None:
    with pytest.raises(ValueError, match=words):
        read_hours(opens, closes)
    assert read_hours(None, None) is None
