"""Every app's format: the same ride from all of them, their traps, and their refusals read again."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.redrive.again import again
from ingest import own
from ingest.reading import ROLL_OVER_S, percent
from ingest.receive.formats import APPS, read_again
from ingest.sent import Sent, sent
from storage.objects import Rejected
from telemetry.api import Request
from telemetry.expand import expand
from telemetry.ping import UNKNOWN
from telemetry.problem import BadRequest, Problem, TooLarge
from tests import events
from tests.strategies import json_values

T0 = 1_795_406_400  # 2026-11-23 04:00 UTC
NOW = T0 + 600.0
UPLOADS = Path(__file__).parents[1] / "uploads"
FILES = sorted(path for path in UPLOADS.iterdir() if path.suffix != ".md")
WITHOUT_BATTERY = {"gpslogger-kmh"}  # a template of its user's own
WITHOUT_MOTION = {"owntracks-overland"}  # sends neither speed nor heading


def as_sent(path: Path) -> list[Sent]:
    lines = path.read_text().split("\n")[:-1]
    return [Sent(query=line) if path.suffix == ".query" else Sent(line.encode()) for line in lines]


def app_of(path: Path):
    return next(app for name, app in APPS.items() if path.name.startswith(name))


def ride(path: Path):
    if path.name.startswith("own-"):
        readings = [own.read(json.loads(request.body), NOW)[1] for request in as_sent(path)]
    else:
        readings = [app_of(path).read(request, NOW) for request in as_sent(path)]
    assert not [refused for reading in readings for refused in reading.refused]
    return sorted(ping for reading in readings for ping in reading.pings)


def test_every_app_has_an_upload() -> None:
    assert {app_of(path).name for path in FILES if not path.name.startswith("own-")} == set(APPS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_same_ride_comes_from_every_app(path) -> None:
    found, ours = ride(path), ride(UPLOADS / "own-1.json")
    assert [p[:3] for p in found] == [p[:3] for p in ours]
    assert found[0].t == T0
    for mine, other in zip(ours, found, strict=True):
        assert abs(mine.accuracy_dm - other.accuracy_dm) <= 5
        if path.stem in WITHOUT_MOTION:
            assert other[4:6] == (UNKNOWN, UNKNOWN)
        else:
            assert abs(mine.speed_dmps - other.speed_dmps) <= 4
            assert mine.heading == other.heading


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_battery_comes_from_every_app(path) -> None:
    """81 %, whatever its unit."""
    for request in as_sent(path):
        if path.name.startswith("own-"):
            reading = own.read(json.loads(request.body), NOW)[1]
        else:
            reading = app_of(path).read(request, NOW)
        told = reading.pings and path.stem not in WITHOUT_BATTERY
        assert reading.battery == (81 if told else None)


@pytest.mark.parametrize("said", [-1, 101, "full", True, None, {}])
def test_a_battery_that_cannot_be_is_not_known(said) -> None:
    assert percent(said) is None
    body = {"_type": "location", "tst": T0, "lat": 31.2, "lon": 121.4, "batt": said}
    reading = read("owntracks", json.dumps(body))
    assert (len(reading.pings), reading.battery) == (1, None)
    if said is not None:
        ping = {"t": T0, "lat": 31.2, "lon": 121.4}
        with pytest.raises(BadRequest, match="battery_percent"):
            own.read({"battery_percent": said, "pings": [ping]}, NOW)


def test_the_battery_is_that_of_the_newest_position() -> None:
    def point(t: int, level: float):
        properties = {"timestamp": T0 + t, "battery_level": level}
        return {"geometry": {"coordinates": [121.4, 31.2]}, "properties": properties}

    batch = {"locations": [point(0, 0.9), point(20, 0.7), point(10, 0.8), point(30, -1)]}
    assert read("overland", json.dumps(batch)).battery == 70


def read(app: str, body: bytes | str = b"", query: str = ""):
    return APPS[app].read(Sent(body.encode() if isinstance(body, str) else body, query), NOW)


def test_replies_are_what_the_apps_take_as_success() -> None:
    assert {name: app.reply for name, app in APPS.items()} == {
        "background-geolocation": {},
        "gpslogger": {},
        "overland": {"result": "ok"},
        "owntracks": [],
        "traccar": {},
    }


LEFT_OUT = [
    ("traccar", f"id=1&timestamp={T0}&batt=81"),
    ("traccar", f'[{{"id": "1", "timestamp": {T0}, "batt": 81}}]'),
    ("traccar", "[]"),
    ("owntracks", ""),
    ("owntracks", "  \n"),
    ("owntracks", '{"_type":"encrypted","data":"x"}'),
    ("owntracks", '{"_type":"transition","lat":1,"lon":2,"tst":1}'),
]


@pytest.mark.parametrize(("app", "body"), LEFT_OUT)
def test_what_is_no_position_is_neither_taken_nor_kept(app, body) -> None:
    reading = read(app, body)
    assert (reading.pings, reading.refused) == ([], [])


AT = f"lat=31.2&lon=121.4&timestamp={T0}"
REFUSED = [
    ("traccar", f"id=1&lat=0&lon=0&timestamp={T0}", "lat", "without a fix"),
    ("traccar", f"id=1&lat=nan&lon=121.4&timestamp={T0}", "lat", "not a finite number"),
    ("traccar", f"id=1&lat=31,2&lon=121.4&timestamp={T0}", "lat", "a string"),
    ("traccar", f"id=1&lat=31.2&timestamp={T0}", "lon", "missing"),
    ("traccar", "id=1&lat=31.2&lon=121.4", "t", "missing"),
    ("traccar", f"id=1&lat=31.2&lon=121.4&timestamp={T0 + 4000}", "t", "future"),
    ("traccar", "", "t", "missing"),
    ("traccar", '{"location": 3}', "", "an object"),
    ("traccar", "lat=%ff", "body", "not a query"),
    ("traccar", b"\xff\xfe", "body", "not a query"),
    ("traccar", "{", "body", "not a query"),
    ("traccar", "[3]", "", "an object"),
    ("traccar", "[", "body", "not a query"),
    ("gpslogger", "lat=%25LAT&lon=%25LON&timestamp=%25TIMESTAMP", "t", "a string"),
    ("gpslogger", "lat=31.2&lon=121.4&time=yesterday", "t", "a string"),
    ("gpslogger", '{"lat": [1], "lon": {}, "time": []}', "t", "a list"),
    ("owntracks", f'{{"_type":"location","lat":"inf","lon":1,"tst":{T0}}}', "lat", "not a finite number"),
    ("owntracks", "[]", "body", "an object"),
    ("owntracks", "{", "body", "not JSON"),
    ("background-geolocation", "{}", "body", "an object with"),
    ("background-geolocation", '{"location": 3}', "body", "an object with"),
    ("background-geolocation", '{"location": [{}]}', "t", "missing"),
    ("background-geolocation", "nonsense", "body", "not JSON"),
    ("background-geolocation", '{"location": [' + "[" * 300 + "]" * 300 + "]}", "body", "deeply"),
]


@pytest.mark.parametrize(("app", "body", "field", "words"), REFUSED)
def test_a_refusal_says_why_and_is_kept_as_it_came(app, body, field, words) -> None:
    (refused,) = read(app, body).refused
    assert refused.field == field
    assert words in refused.reason
    if app != "background-geolocation" or field == "body":
        assert refused.original == (body if isinstance(body, bytes) else body.encode())


@pytest.mark.parametrize("app", ["overland", "background-geolocation"])
def test_more_points_than_any_phone_sends_are_kept_as_one(app) -> None:
    body = json.dumps({"locations": [0] * 20_001, "location": [0] * 20_001})
    reading = read(app, body)
    assert [r.original for r in reading.refused] == [body.encode()]
    assert (reading.form, reading.refused[0].reason) == (f"{app}-body", "20001 points; the limit is 20000")


UNKNOWNS = [
    ("traccar", f"{AT}&speed=-1&bearing=&accuracy=NaN"),
    ("traccar", f"{AT}&speed=nan&bearing=inf"),
    ("gpslogger", f"{AT}&spd=&spd_kph=&dir=&acc="),
    ("owntracks", f'{{"_type":"location","lat":31.2,"lon":121.4,"tst":{T0},"vel":-1,"cog":-1,"acc":-1}}'),
    (
        "background-geolocation",
        json.dumps(
            {"timestamp": T0 * 1000}
            | {"coords": {"latitude": 31.2, "longitude": 121.4, "speed": -1, "heading": "NaN"}}
        ),
    ),
]


@pytest.mark.parametrize(("app", "body"), UNKNOWNS)
def test_a_position_is_taken_where_the_rest_is_unknown(app, body) -> None:
    (ping,) = read(app, body).pings
    assert ping == (T0 * 1000, 31_200_000, 121_400_000, UNKNOWN, UNKNOWN, UNKNOWN, 0)


MOCKS = [
    ("traccar", f"lat=31.2&lon=121.4&timestamp={T0}&mock=true", True),
    ("traccar", f"lat=31.2&lon=121.4&timestamp={T0}&mock=false", False),
    ("background-geolocation", {"mock": True}, True),
    ("background-geolocation", {"mock": "true"}, True),
    ("background-geolocation", {"mock": None}, False),
    ("traccar", {"mock": True}, True),
]


@pytest.mark.parametrize(("app", "said", "mock"), MOCKS)
def test_what_the_phone_says_of_a_made_up_position_is_kept(app, said, mock) -> None:
    if isinstance(said, dict):
        coords = {"latitude": 31.2, "longitude": 121.4}
        said = json.dumps({"location": {"timestamp": "2026-11-23T04:00:00Z", "coords": coords} | said})
    (ping,) = read(app, said).pings
    assert ping.mock is mock


TIMES = [
    str(T0),
    str(T0 * 1000),
    "2026-11-23T04:00:00Z",
    "2026-11-23+04:00:00",
    "2026-11-23T12:00:00%2B08:00",
]


@pytest.mark.parametrize("time", TIMES)
def test_times_are_seconds_milliseconds_or_iso(time) -> None:
    (ping,) = read("traccar", query=f"lat=31.2&lon=121.4&timestamp={time}").pings
    assert ping.t == T0


def test_a_time_of_1024_weeks_ago_is_mended_and_no_other() -> None:
    at = "lat=31.2&lon=121.4&timestamp="
    (ping,) = read("traccar", query=f"{at}{T0 - ROLL_OVER_S}").pings
    assert ping.t == T0
    for t in (T0 - ROLL_OVER_S + 1000, T0 - ROLL_OVER_S - 31 * 86_400, T0 - 2 * ROLL_OVER_S):
        assert read("traccar", query=f"{at}{t}").pings == []
    assert own.read({"pings": [{"t": T0 - ROLL_OVER_S, "lat": 31.2, "lon": 121.4}]}, NOW)[1].pings[0].t == T0


# ── redrive ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("app", "body", "field", "words"), REFUSED)
def test_what_is_refused_is_refused_again_by_redrive_with_the_same_hash(app, body, field, words) -> None:
    reading = read(app, body)
    entries = [
        Rejected(r.original, f"{reading.form}/dv", r.field, r.reason, round(NOW * 1000))
        for r in reading.refused
    ]
    found = again("demo/wang", entries)
    assert (found.records, found.left) == ([], entries)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_redrive_takes_what_is_right_by_then(path) -> None:
    """Refused as too far ahead; read against a later time, each original gives its ping."""
    early = T0 - 86_400.0
    if path.name.startswith("own-"):
        readings = [own.read(json.loads(request.body), early)[1] for request in as_sent(path)]
    else:
        readings = [app_of(path).read(request, early) for request in as_sent(path)]
    refused = [(reading.form, r.original) for reading in readings for r in reading.refused]
    assert sorted(p for form, raw in refused for p in read_again(form, raw, NOW).pings) == ride(path)


@given(st.sampled_from(sorted(APPS)), json_values, json_values)
def test_no_json_breaks_a_format(app, value, other) -> None:
    shapes = [
        value,
        {"location": value, "locations": other, "lat": value, "lon": other, "timestamp": value},
        {"_type": "location", "lat": value, "lon": other, "tst": value, "vel": other},
        {"location": [{"timestamp": value, "coords": other}], "locations": [value], "spd": other},
        {"location": {"timestamp": value, "coords": {"latitude": other, "speed": value}}, "time": other},
    ]
    for shape in shapes:
        for refused in (reading := read(app, json.dumps(shape))).refused:
            assert read_again(reading.form, refused.original, NOW).pings == []


@given(st.sampled_from(sorted(APPS)), st.binary(max_size=60) | st.text(max_size=60), st.text(max_size=60))
def test_no_bytes_break_a_format(app, body, query) -> None:
    for refused in (reading := read(app, body, query)).refused:
        assert read_again(reading.form, refused.original, NOW).pings == []


# ── gzip ────────────────────────────────────────────────────────────────────────────────────────


def test_gzip_is_undone_member_by_member() -> None:
    assert expand(gzip.compress(b"one, ") + gzip.compress(b"two"), 8) == b"one, two"
    assert expand(b"", 8) == b""


@given(st.lists(st.integers(0, 3 * 4096), max_size=5))
def test_a_member_ends_anywhere_in_a_piece(sizes) -> None:
    """Bytes of chance are as many packed, and so a member's end lies before, at or behind that of a piece."""
    parts = [random.Random(size).randbytes(size) for size in sizes]
    assert expand(b"".join(map(gzip.compress, parts)), sum(sizes) + 1) == b"".join(parts)


@pytest.mark.parametrize(
    ("body", "limit", "problem"),
    [
        (gzip.compress(bytes(1_000_000), mtime=0), 999_999, TooLarge),
        (gzip.compress(bytes(5), mtime=0) * 3, 14, TooLarge),
        (gzip.compress(b"some text", mtime=0)[:-4], 100, BadRequest),
        (gzip.compress(b"some text", mtime=0) + b"junk", 100, BadRequest),
        (b"no gzip", 100, BadRequest),
    ],
    ids=["large", "large in members", "cut off", "junk behind", "no gzip"],
)
def test_gzip_that_is_too_large_or_broken_is_refused(body, limit, problem) -> None:
    with pytest.raises(problem):
        expand(body, limit)


@given(st.binary(max_size=200), st.integers(0, 300))
def test_any_bytes_as_gzip_are_expanded_within_the_limit_or_refused(data, limit) -> None:
    for body in (data, gzip.compress(data), gzip.compress(data)[:-1]):
        try:
            assert len(expand(body, limit)) <= limit
        except Problem:
            assert body != gzip.compress(data) or len(data) > limit


def test_another_coding_is_refused_by_name() -> None:
    event = events.http("POST /v1/uploads", "x")
    event["headers"]["content-encoding"] = "br"
    with pytest.raises(BadRequest, match="'br' is not known"):
        sent(Request(event), 100)
