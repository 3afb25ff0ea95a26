"""A trip read back: what is told of it, its pings by pages, and files that other programs can read."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import gpxpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.trips import download as downloading
from processors.trips import handler as api
from processors.trips.files import FILES, shown
from processors.trips.reading import TripReader
from storage.settlements import Settled
from storage.trips import Trip
from telemetry.api import Request, refuse
from telemetry.history import Sighting, Sightings
from telemetry.live import Live, Window
from telemetry.ping import Ping
from telemetry.problem import Problem
from telemetry.track import ordered
from tests import events
from tests.fakes import FakeDownloads, FakeHistory, FakeLive, FakeLog
from tests.fakes_stacks import FakeTrips
from tests.strategies import T0_MS, pings

TRIP = Trip("tr_1", "demo", "mei", "tk_1", "lap@1", T0_MS, deadline_ms=T0_MS + 9_000)
NOW = T0_MS / 1000 + 100
TRACK = "GET /v1/trips/{trip}/track"


def ping(i: int, device: str = "app") -> Sighting:
    return Sighting(device, Ping(T0_MS + 1000 * i, 31_230_000 + i, 121_470_000, 50, 41, 93))


class World:
    def __init__(self) -> None:
        self.trips, self.live, self.history = FakeTrips(), FakeLive(), FakeHistory()
        self.downloads = FakeDownloads()
        self.log = FakeLog()
        self.reader = TripReader(self.trips, self.live, self.history, self.downloads, self.log)
        self.trips.start(TRIP)
        window = Window("tr_1", "lap@1", T0_MS)
        tail = Sightings.of(ping(i) for i in range(80, 100))
        self.live.items["demo/mei"] = Live(
            "demo", "mei", 7, (window,), "tr_1", newest=ping(99).ping, tail=tail
        )
        for i in range(80):
            self.history.unite("demo/tr_1", ping(i).bucket, [*Sightings.of([ping(i)]).parts], lambda _: None)

    def call(self, endpoint, role="courier", user="mei", fleet="demo", trip="tr_1", **query):
        event = events.http(endpoint, pathParameters={"trip": trip}, queryStringParameters=query or None)
        events.signed_in(event, role, user, fleet)
        try:
            return api.ENDPOINTS[endpoint](self.reader, Request(event, lambda: NOW))
        except Problem as problem:
            return refuse(problem)

    def json(self, endpoint, **how):
        response = self.call(endpoint, **how)
        return response["statusCode"], json.loads(response["body"])


@pytest.fixture
def world():
    return World()


def test_a_running_trip_tells_its_progress(world) -> None:
    status, told = world.json("GET /v1/trips/{trip}")
    assert (status, told["status"], told["finished_at"], told["settled"]) == (200, "running", None, None)
    assert told["deadline"] == T0_MS / 1000 + 9
    assert told["progress"]["t"] == T0_MS / 1000 + 99
    assert told["progress"]["state"] in {"silent", "on_route"}


def test_an_ended_trip_tells_no_position_and_then_its_record(world) -> None:
    world.trips.finish(replace(TRIP, finished_ms=T0_MS + 99_000))
    _, told = world.json("GET /v1/trips/{trip}")
    assert (told["status"], told["progress"], told["settling"]) == ("finished", None, True)
    world.trips.settle(world.trips.standing("tr_1"), Settled(1, "abc", T0_MS + 700_000, {"distance_m": 12.5}))
    _, told = world.json("GET /v1/trips/{trip}")
    assert (told["status"], told["settling"]) == ("settled", False)
    assert told["settled"] == {
        "revision": 1, "settled_at": T0_MS / 1000 + 700, "digest": "abc", "distance_m": 12.5,
    }  # fmt: skip


def test_a_track_ends_with_the_finish_also_where_that_was_told_late(world) -> None:
    world.trips.finish(replace(TRIP, finished_ms=T0_MS + 90_000))
    _, told = world.json(TRACK)
    assert [it["t"] for it in told["pings"]] == [T0_MS / 1000 + i for i in range(91)]


def test_progress_of_another_trip_is_not_told(world) -> None:
    world.live.items["demo/mei"] = world.live.items["demo/mei"].with_window(
        Window("tr_2", "lap@1", T0_MS + 5)
    )
    assert world.json("GET /v1/trips/{trip}")[1]["progress"] is None


def test_a_live_item_that_cannot_be_read_takes_the_progress_and_no_half_track_is_told(world) -> None:
    world.live.damaged.add("demo/mei")
    status, told = world.json("GET /v1/trips/{trip}")
    assert (status, told["status"], told["progress"]) == (200, "running", None)
    status, told = world.json(TRACK)
    assert (status, "is not whole" in told["detail"]) == (503, True)
    assert world.log.lines == [
        ("a live item cannot be read", {"courier": "demo/mei", "reason": "damaged"}),
    ] * 2  # fmt: skip


@pytest.mark.parametrize("endpoint", ["GET /v1/trips/{trip}", TRACK])
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ({"user": "wang"}, 403),
        ({"role": "manager", "user": "max"}, 200),
        ({"role": "admin", "user": "ada"}, 200),
        ({"role": "admin", "user": "ada", "fleet": "rival"}, 404),
        ({"fleet": "rival"}, 404),
        ({"trip": "tr_2"}, 404),
    ],
)
def test_only_its_courier_and_the_fleets_staff_read_a_trip(world, endpoint, who, status) -> None:
    assert world.json(endpoint, **who)[0] == status


@given(st.integers(1, 37), st.integers(0, 60))
def test_pages_give_every_ping_once_and_in_order(limit, twins) -> None:
    world = World()
    for i in range(twins):  # a second phone with the very same times
        twin = ping(i, "dv_1")
        world.history.unite("demo/tr_1", twin.bucket, [*Sightings.of([twin]).parts], lambda _: None)
    found, query = [], {"limit": str(limit)}
    while True:
        _, page = world.json(TRACK, **query)
        assert len(page["pings"]) <= limit
        found += page["pings"]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert [(p["t"], p["device"]) for p in found] == sorted((p["t"], p["device"]) for p in found)
    assert len({(p["t"], p["device"]) for p in found}) == len(found) == 100 + twins


@pytest.mark.parametrize(
    "query",
    [
        {"format": "kml"},
        {"limit": "0"},
        {"limit": "5001"},
        {"limit": "ten"},
        {"limit": "1e3"},
        {"after": "x"},
    ],
)
def test_a_query_that_is_not_understood_is_named(world, query) -> None:
    status, problem = world.json(TRACK, **query)
    assert status == 400
    assert [e["field"] for e in problem["errors"]] == list(query)


# ── files ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", FILES)
def test_a_file_comes_with_its_type_and_name(world, form) -> None:
    response = world.call(TRACK, format=form)
    assert response["statusCode"] == 200
    assert response["headers"]["content-type"] == FILES[form].content_type
    assert response["headers"]["content-disposition"] == f'attachment; filename="tr_1.{form}"'
    assert world.downloads.files == {}


sets = st.lists(st.builds(Sighting, st.sampled_from(["app", 'a,"b"\n', "dv<1>"]), pings), max_size=8)


def written(form: str, found) -> str:
    return b"".join(FILES[form].write(TRIP, found)).decode()


@given(sets)
def test_gpx_reads_back(found) -> None:
    told = ordered({s.identity: s for s in found})
    gpx = gpxpy.parse(written("gpx", told))
    assert gpx.version == "1.1"
    points = gpx.tracks[0].segments[0].points
    assert [round(p.time.timestamp() * 1000) for p in points] == [s.ping.t_ms for s in told]
    assert [(p.latitude, p.longitude) for p in points] == [(s.ping.lat, s.ping.lon) for s in told]


def test_gpx_tells_speed_and_heading_as_garmin_does() -> None:
    (point,) = gpxpy.parse(written("gpx", [ping(1)])).tracks[0].segments[0].points
    (extension,) = point.extensions
    assert {child.tag.rpartition("}")[2]: child.text for child in extension} == {
        "speed": "4.1",
        "course": "93",
    }


@given(sets)
def test_geojson_reads_back(found) -> None:
    told = ordered({s.identity: s for s in found})
    collection = json.loads(written("geojson", told))
    assert collection["type"] == "FeatureCollection"
    for feature, sighting in zip(collection["features"], told, strict=True):
        lon, lat = feature["geometry"]["coordinates"]
        assert feature["properties"] | {"lat": lat, "lon": lon} == shown(sighting)


@given(sets)
def test_csv_reads_back(found) -> None:
    told = ordered({s.identity: s for s in found})
    rows = list(csv.DictReader(io.StringIO(written("csv", told), newline="")))
    for row, sighting in zip(rows, told, strict=True):
        plain = {"t_unix" if k == "t" else k: "" if v is None else str(v) for k, v in shown(sighting).items()}
        assert row == plain


@pytest.mark.parametrize("form", FILES)
def test_a_large_file_is_fetched_from_the_bucket_and_made_once(world, form, monkeypatch) -> None:
    whole = world.call(TRACK, format=form)["body"]
    monkeypatch.setattr(downloading, "LARGEST", len(whole) - 1)
    first, again = world.call(TRACK, format=form), world.call(TRACK, format=form)
    assert first["statusCode"] == 303
    assert first["headers"]["location"] == again["headers"]["location"]
    assert list(world.downloads.files.values()) == [whole.encode()]
    (name,) = world.downloads.files
    assert name.startswith("demo/")
    assert name.endswith(f"/tr_1.{form}")
    late = ping(500)
    world.history.unite("demo/tr_1", late.bucket, [*Sightings.of([late]).parts], lambda _: None)
    assert world.call(TRACK, format=form)["headers"]["location"] != first["headers"]["location"]
