"""Recorded trips and route files: what is read, and what is said of what is not."""

from __future__ import annotations

import json
import math

import pytest

from cli.replay.publish import BadRoute, as_id, read_line
from cli.replay.recorded import BadTrip, read

T0 = 1_795_492_800
LINE = {"type": "LineString", "coordinates": [[121.47, 31.23, 4.5], [121.48, 31.24]]}

GPX = """<?xml version="1.0"?>
<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
<trkpt lat="31.23" lon="121.47"><ele>4</ele><time>2026-11-24T04:00:00Z</time></trkpt>
<trkpt lat="31.235" lon="121.475"></trkpt>
<trkpt lat="31.24" lon="121.48"><time>2026-11-24T04:00:10.5Z</time></trkpt>
</trkseg></trk></gpx>"""
CSV = f"t_unix,lat,lon,accuracy_m,note\n{T0 + 10.5},31.24,121.48,,b\n{T0},31.23,121.47,7.5,a\n"
TIMED = {
    "type": "Feature",
    "geometry": LINE,
    "properties": {"coordTimes": ["2026-11-24T12:00:00+08:00", T0 + 10.5]},
}
POINTS = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": said}
        for lon, lat, said in (
            (121.47, 31.23, {"t": T0, "accuracy_m": 7.5}),
            (121.48, 31.24, {"timestamp": "2026-11-24T04:00:10.500"}),
        )
    ],
}
FILES = {
    "a.csv": CSV,
    "a.gpx": GPX,
    "a.geojson": json.dumps(TIMED),
    "b.geojson": json.dumps(POINTS),
    "c.json": json.dumps(POINTS),
}


def saved(tmp_path, name, text):
    file = tmp_path / name
    file.write_text(text)
    return file


@pytest.mark.parametrize("name", FILES)
def test_each_format_gives_the_same_trip(name, tmp_path) -> None:
    trip = read(saved(tmp_path, name, FILES[name]))
    assert trip.name == name[0]
    assert trip.line() == [(121.47, 31.23), (121.48, 31.24)]
    assert trip.duration_s == 10.5
    assert [ping.t_ms for ping in trip.recording] == [T0 * 1000, T0 * 1000 + 10_500]
    assert math.isnan(trip.recording[1].accuracy_m)
    assert math.isnan(trip.recording[0].along_m)


def test_shifting_keeps_everything_but_the_time(tmp_path) -> None:
    trip = read(saved(tmp_path, "a.csv", CSV))
    pings = list(trip.pings(T0 + 1000.25))
    assert [ping.t_ms for ping in pings] == [T0 * 1000 + 1_000_250, T0 * 1000 + 1_010_750]
    assert [ping.ready_ms for ping in pings] == [ping.t_ms for ping in pings]
    assert [(ping.lat, ping.lon) for ping in pings] == [(31.23, 121.47), (31.24, 121.48)]
    assert pings[0].accuracy_m == 7.5


BAD = [
    ("a.csv", "t,lat,lon\n1,2,3\n", "line 1: the column t_unix is missing"),
    ("a.csv", "", "line 1: the column lat, lon, t_unix is missing"),
    ("a.csv", f"t_unix,lat,lon\n{T0},31,121\n{T0},north,121\n", "line 3: could not convert"),
    ("a.csv", f"t_unix,lat,lon\n{T0},91,121\n", "line 2: time .* latitude 91.0"),
    ("a.csv", f"t_unix,lat,lon\nnan,31,121\n{T0},31,121\n", "line 2: time nan"),
    ("a.csv", f"t_unix,lat,lon\n{T0},31,121\n", "has 1 positions with a time; a trip needs two"),
    ("a.csv", f"t_unix,lat,lon\n{T0}\n", "line 2: "),
    ("a.gpx", "<gpx", "a.gpx: "),
    ("a.gpx", "<gpx></gpx>", "has 0 positions"),
    ("a.geojson", "[", "a.geojson: "),
    ("a.geojson", json.dumps({**TIMED, "properties": {}}), "feature 0: has no times"),
    ("a.geojson", json.dumps({**TIMED, "properties": {"times": [T0]}}), "feature 0: "),
    ("a.geojson", json.dumps({**TIMED, "geometry": {"type": "Polygon"}}), "a Polygon is no trip"),
    ("a.kml", "", "trips are read from .csv, .gpx, .geojson, .json"),
]


@pytest.mark.parametrize(("name", "text", "why"), BAD)
def test_a_bad_file_is_named_with_the_place_and_the_reason(name, text, why, tmp_path) -> None:
    with pytest.raises(BadTrip, match=why) as refused:
        read(saved(tmp_path, name, text))
    assert str(tmp_path / name) in str(refused.value)


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(BadTrip, match=r"none\.csv: No such file"):
        read(tmp_path / "none.csv")


@pytest.mark.parametrize(
    "document",
    [
        LINE,
        {"type": "Feature", "geometry": LINE},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": LINE}]},
    ],
)
def test_a_route_is_read_from_geojson(document, tmp_path) -> None:
    assert read_line(saved(tmp_path, "r.geojson", json.dumps(document))) == [(121.47, 31.23), (121.48, 31.24)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "is not a GeoJSON LineString"),
        ("[]", "is not a GeoJSON LineString"),
        ('{"type": "Point", "coordinates": [1, 2]}', "holds a Point; a route is a LineString"),
        ('{"type": "FeatureCollection", "features": []}', "is not a GeoJSON LineString"),
        ('{"type": "LineString", "coordinates": [["a", "b"]]}', "is not a GeoJSON LineString"),
    ],
)
def test_what_is_no_route_is_refused(text, why, tmp_path) -> None:
    with pytest.raises(BadRoute, match=why):
        read_line(saved(tmp_path, "r.geojson", text))


def test_a_missing_route_is_named(tmp_path) -> None:
    with pytest.raises(BadRoute, match=r"give a GeoJSON file or a published id@version"):
        read_line(tmp_path / "none.geojson")


@pytest.mark.parametrize(
    ("text", "route_id"),
    [("Huai Hai Lu", "huai-hai-lu"), ("..x", "x"), ("淮海路", "route"), ("a" * 60, "a" * 48)],
)
def test_a_name_becomes_an_id(text, route_id) -> None:
    assert as_id(text) == route_id
