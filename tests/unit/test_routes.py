"""The life of a route over HTTP events: draft, import, preview, published, retired."""

from __future__ import annotations

import base64
import gzip
import json

import orjson
import pytest

from geo.drawn import geojson
from geo.drawn.drawing import Drawing
from stacks.tasks.routes.handler import ENDPOINTS
from stacks.tasks.routes.shapes import MOST_POINTS, Drawn, completed
from telemetry.api import Request, refuse
from telemetry.problem import BadRequest, Problem
from tests import events
from tests.drawings import BOMB, FILES, GPX, LINE, STOPS
from tests.fakes_stacks import FakeCatalog, FakeLines, fake_routes
from tests.schemas import check, contents, operations
from tests.unit.test_tasks import T0, TASK, World

PUT, GET, DELETE = (f"{method} /v1/routes/{{route}}/draft" for method in ("PUT", "GET", "DELETE"))
PUBLISH, RETIRE, LIST = "POST /v1/routes/{route}/publish", "POST /v1/routes/{route}/retire", "GET /v1/routes"
DRAFT = {"line": {"type": "LineString", "coordinates": LINE}, "name": "Harbour lap"}
TYPES = {
    "geojson": "application/geo+json",
    "gpx": "application/gpx+xml; charset=utf-8",
    "kml": "application/vnd.google-earth.kml+xml",
}


class Admins:
    """The routes function over fakes, asked by admins; every answer fits its schema."""

    def __init__(self) -> None:
        self.now = T0
        self.catalog, self.lines = FakeCatalog(), FakeLines()
        self.wired = fake_routes(self.catalog, self.lines)

    def call(self, endpoint, body=None, route="lap", user="ada", role="admin", query=None, **headers):
        event = events.http(endpoint, pathParameters={"route": route}, queryStringParameters=query)
        event["headers"] |= {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, bytes):
            event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        elif body is not None:
            event["body"] = json.dumps(body)
        events.signed_in(event, role, user)
        try:
            response = ENDPOINTS[endpoint](self.wired, Request(event, lambda: self.now))
        except Problem as problem:
            response = refuse(problem)
        api, operation = operations()[endpoint]
        answered = json.loads(response["body"]) if "body" in response else None
        if kinds := contents(api, operation["responses"][str(response["statusCode"])]):
            check(api, kinds[response["headers"]["content-type"]]["schema"], answered)
        self.headers = response.get("headers", {})
        return response["statusCode"], answered

    def put(self, body=DRAFT, **how):
        status, draft = self.call(PUT, body, **how)
        assert status == 200, draft
        return draft


@pytest.fixture
def admins():
    return Admins()


def test_a_drawing_that_could_not_be_shown_again_is_refused() -> None:
    """A function answers with 6 MB at most; no position is longer than these."""
    line = [(-121.4737012 - i * 1e-7, -31.2304012) for i in range(MOST_POINTS)]
    assert len(orjson.dumps(geojson.feature(completed(Drawing(line), Drawn())))) < 5_900_000
    with pytest.raises(BadRequest, match="200001 points"):
        completed(Drawing([*line, line[0]]), Drawn())


def test_a_draft_is_changed_by_who_has_seen_it_and_published_once(admins) -> None:
    draft = admins.put()
    assert (draft["revision"], draft["state"], draft["changed_by"]) == (1, "draft", "ada")
    assert admins.headers["etag"] == '"1"'
    assert admins.call(LIST, query={"state": "draft"})[1]["routes"] == [
        {name: value for name, value in draft.items() if name != "preview"}
    ]
    changed = admins.put(DRAFT | {"name": "Lap", "revision": 1}, user="bob")
    assert (changed["revision"], changed["name"], changed["changed_by"]) == (2, "Lap", "bob")
    status, published = admins.call(PUBLISH, if_match='"2"')
    assert (status, published["route"], published["name"]) == (201, "lap@1", "Lap")
    assert admins.call(PUBLISH, {"revision": 2}) == (201, published)
    assert admins.call(GET)[0] == 404
    assert [route["route"] for route in admins.call(LIST)[1]["routes"]] == ["lap@1"]
    # The next draft gets a number that no draft had before.
    assert admins.put()["revision"] == 3
    assert admins.call(PUBLISH, {"revision": 3})[1]["route"] == "lap@2"


def test_of_two_admins_the_slower_is_told_of_the_faster(admins) -> None:
    admins.put()
    admins.put(DRAFT | {"name": "by bob"}, if_match='"1"', user="bob")
    for seen, words in (({"if_match": '"1"'}, "you name 1"), ({}, "you name none")):
        status, problem = admins.call(PUT, DRAFT | {"name": "by eve"}, **seen, user="eve")
        assert (status, problem["revision"]) == (409, 2)
        assert "revision 2, changed by bob" in problem["detail"]
        assert words in problem["detail"]
    assert admins.call(GET)[1]["properties"]["name"] == "by bob"
    assert admins.call(PUBLISH, {"revision": 1})[0] == 409
    assert admins.call(DELETE, if_match='"1"')[0] == 409
    assert admins.call(DELETE)[0] == 409
    assert admins.call(DELETE, if_match='"2"') == (204, None)
    assert admins.call(DELETE, if_match='"2"') == (204, None)
    status, problem = admins.call(PUT, DRAFT, if_match='"2"')
    assert (status, problem["revision"], "makes a new one" in problem["detail"]) == (409, None, True)


def test_what_stands_already_is_answered_again(admins) -> None:
    first = admins.put()
    admins.now += 60
    assert admins.put() == first  # an answer that was lost, asked for again
    second = admins.put(DRAFT | {"name": "Lap"}, if_match='"1"')
    assert admins.put(DRAFT | {"name": "Lap"}, if_match='"1"') == second


def test_a_lost_race_while_publishing_is_told(admins) -> None:
    admins.put()
    drafts = admins.wired.drafts._drafts
    publish = drafts.publish

    def overtaken(draft, route):
        drafts.publish = publish
        admins.put(DRAFT | {"name": "by bob"}, if_match='"1"', user="bob")
        return publish(draft, route)

    drafts.publish = overtaken
    status, problem = admins.call(PUBLISH, {"revision": 1})
    assert (status, problem["revision"], admins.catalog.rows) == (409, 2, {})


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", FILES)
def test_files_are_imported_by_their_content_type(admins, form, packed) -> None:
    body = gzip.compress(FILES[form]) if packed else FILES[form]
    headers = {"content_type": TYPES[form]} | ({"content_encoding": "gzip"} if packed else {})
    draft = admins.put(body, **headers)
    assert (draft["name"], draft["preview"]["publishable"]) == ("Harbour lap", True)
    stops = draft["preview"]["stops"]
    assert [(stop["name"], stop["lon"], stop["lat"]) for stop in stops] == STOPS
    assert [stop["along_m"] for stop in stops] == [pytest.approx(295.35, abs=0.1), draft["length_m"]]
    # At 4 m/s, and three minutes at the first stop.
    assert [stop["arrives_s"] for stop in stops] == [
        73.8,
        pytest.approx(draft["length_m"] / 4 + 180, abs=0.1),
    ]
    assert draft["preview"]["duration_s"] == pytest.approx(draft["length_m"] / 4 + 360, abs=0.1)
    assert draft["preview"]["vertices"] == {"drawn": 3, "simplified": 3}
    assert draft["preview"]["bounds"] == [121.4737, 31.2304, 121.4801, 31.2349]


@pytest.mark.parametrize("form", FILES)
def test_files_are_imported_by_a_format_that_is_said(admins, form) -> None:
    query = {"format": form, "name": "Said", "time_zone": "Asia/Shanghai"}
    first = admins.put(FILES[form], query=query, content_type="application/octet-stream")
    assert first["name"] == "Said"
    assert admins.call(GET)[1]["properties"]["time_zone"] == "Asia/Shanghai"
    body = {
        "format": form,
        "file": FILES[form].decode(),
        "revision": 1,
        "name": "Said",
        "time_zone": "Asia/Tokyo",
    }
    assert admins.put(body)["preview"] == first["preview"]


def test_what_get_gives_can_be_put_again(admins) -> None:
    hours = {"opens": "22:00", "closes": "06:00"}
    stops = [{"name": "Pier", "lon": 121.4768, "lat": 31.2305, "radius_m": 40} | hours]
    admins.put(DRAFT | {"stops": stops, "time_zone": "Asia/Shanghai"})
    _, feature = admins.call(GET, role="manager")
    assert feature["properties"]["stops"] == [stops[0] | {"radius_m": 40.0}]
    again = admins.put(json.dumps(feature).encode(), content_type="application/geo+json", if_match='"1"')
    assert again["revision"] == 1  # it is what stands there
    status, published = admins.call(PUBLISH, {"revision": 1})
    assert (status, published["time_zone"]) == (201, "Asia/Shanghai")
    assert published["stops"] == [stops[0] | {"radius_m": 40.0, "along_m": pytest.approx(295.35, abs=0.1)}]
    _, shown = admins.call("GET /v1/routes/{route}", route="lap@1", role="courier")
    assert shown["properties"]["stops"] == published["stops"]


def test_hours_are_looked_at_together(admins) -> None:
    def stop(name, lon, opens, closes):
        return {"name": name, "lon": lon, "lat": 31.2304, "opens": opens, "closes": closes}

    morning, night = stop("Shop", 121.475, "08:00", "09:00"), stop("Gate", 121.479, "23:30", "01:00")
    both = DRAFT | {"stops": [morning, night], "time_zone": "Europe/Berlin"}
    preview = admins.put(both)["preview"]
    (warning,) = preview["warnings"]
    assert (warning["code"], warning["index"], warning["blocks"]) == ("hours-unmet", 1, False)
    assert preview["publishable"]
    assert preview["starts"] == [["07:30", "08:59"]]
    night = admins.put(both | {"stops": [night], "revision": 1})["preview"]
    assert (night["warnings"], night["starts"]) == ([], [["22:58", "00:57"]])


BROKEN = [
    (
        [[121.47, 31.23], [121.48, 31.23], [31.24, 21.48]],
        [],
        "line.coordinates[1]",
        {"code": "no-route", "index": 1, "lon": 121.48, "lat": 31.23},
        "mend the wrong one",
    ),
    ([[121.47, 31.23]], [], "line", {"code": "no-route"}, "two distinct points"),
    (
        LINE,
        [{"name": "Pier", "lon": 121.4768, "lat": 31.2305}, {"name": "Moon", "lon": 121.4768, "lat": 31.24}],
        "stops[1]",
        {"code": "stop-refused", "index": 1, "lon": 121.4768, "lat": 31.24, "unit": "m"},
        "move it, or draw the line past it",
    ),
    (
        LINE,
        [{"name": "End", "lon": 121.4801, "lat": 31.2349}, {"name": "Pier", "lon": 121.4768, "lat": 31.2305}],
        "stops[1]",
        {"code": "stop-refused", "index": 1, "along_m": pytest.approx(295.35, abs=0.1)},
        "in the order in which they are visited (the line passes them as 1, 0)",
    ),
]


@pytest.mark.parametrize(("line", "stops", "field", "where", "words"), BROKEN)
def test_a_broken_draft_is_kept_and_not_published(admins, line, stops, field, where, words) -> None:
    draft = admins.put({"line": {"type": "LineString", "coordinates": line}, "stops": stops})
    assert not draft["preview"]["publishable"]
    status, problem = admins.call(PUBLISH, {"revision": 1})
    assert (status, [error["field"] for error in problem["errors"]]) == (409, [field])
    (warning,) = problem["warnings"]
    assert warning["blocks"]
    assert where.items() <= warning.items()
    assert words in problem["detail"]
    assert warning in admins.call(GET)[1]["properties"]["preview"]["warnings"]
    assert (admins.catalog.rows, admins.lines.saved) == ({}, {})


def test_the_one_step_says_where_too(admins) -> None:
    line = {"type": "LineString", "coordinates": [[121.47, 31.23], [121.48, 31.23], [31.24, 21.48]]}
    status, problem = admins.call("POST /v1/routes", {"id": "lap", "line": line})
    assert (status, problem["at"]) == (400, {"index": 1, "lon": 121.48, "lat": 31.23})


PACKED = {"content_type": TYPES["gpx"], "content_encoding": "gzip"}
TWICE = GPX.replace(b"</gpx>", GPX[GPX.index(b"<trk>") :])
NORTH = {"type": "LineString", "coordinates": [[31.2, 121.4], [31.3, 121.4]]}
PIER = {"name": "Pier", "lon": 121.4768, "lat": 31.2305}
REFUSED = [
    (BOMB, {"content_type": TYPES["gpx"]}, 400, "body", "entities"),
    (GPX[:-20], {"content_type": TYPES["gpx"]}, 400, "body", "not XML"),
    (GPX, {"content_type": "image/png"}, 400, "content-type", "application/gpx+xml"),
    (GPX, {"query": {"format": "shp"}}, 400, "format", "must be one of"),
    (GPX, {"content_type": TYPES["gpx"], "query": {"datum": "mars"}}, 400, "datum", "mars"),
    (TWICE, {"content_type": TYPES["gpx"]}, 400, "body", "has 2 lines"),
    (gzip.compress(b" " * 16_000_001), PACKED, 413, None, ""),
    (GPX, PACKED, 400, "content-encoding", "not gzip"),
    (DRAFT | {"time_zone": "Asia/Shangai"}, {}, 400, "time_zone", "perhaps Asia/Shanghai"),
    (DRAFT | {"time_zone": "../etc"}, {}, 400, "time_zone", "no time zone"),
    (DRAFT | {"time_zone": "Europe"}, {}, 400, "time_zone", "no time zone"),
    (DRAFT | {"stops": [{"name": "a", "lon": 121.4768, "lat": 31.2305, "opens": "8:00", "closes": "09:00"}],
              "time_zone": "Asia/Shanghai"}, {}, 400, "stops[0].closes", "HH:MM"),
    (DRAFT | {"stops": [{"name": "a", "lon": 121.4768, "lat": 31.2305, "opens": "08:00", "closes": "09:00"}]},
     {}, 400, "time_zone", "is missing"),
    (DRAFT | {"file": "x", "format": "gpx"}, {}, 400, "line", "both there"),
    ({"file": "<gpx/>"}, {}, 400, "format", "is missing"),
    ({"file": "<gpx/>", "format": "gpx"}, {}, 400, "file", "neither a route nor a track"),
    ({"line": json.loads(FILES["geojson"]) | {"features": []}}, {}, 400, "line.features", "0 LineStrings"),
    (DRAFT, {"if_match": "*"}, 400, "if-match", "must be the revision"),
    (DRAFT | {"revision": 2}, {"if_match": '"1"'}, 400, "revision", "is 2"),
    (DRAFT | {"line": NORTH}, {}, 400, "line", "point 0"),
    (DRAFT | {"stops": [PIER | {"radius_m": 5}]}, {}, 400, "stops[0]", "10 to 500 m"),
    (DRAFT | {"stops": [PIER] * 201}, {}, 400, "stops[200]", "limit is 200"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "how", "status", "field", "words"), REFUSED)
def test_what_cannot_be_a_draft_is_refused_by_name(admins, body, how, status, field, words) -> None:
    answered, problem = admins.call(PUT, body, **how)
    assert answered == status, problem
    if field:
        (error,) = problem["errors"]
        assert error["field"] == field
        assert words in error["reason"]
    assert admins.call(GET)[0] == 404


def test_drafts_are_of_an_id_and_publishing_needs_a_revision(admins) -> None:
    assert admins.call(PUT, DRAFT, route="lap@1")[0] == 404
    admins.put()
    assert admins.call(PUBLISH)[1]["errors"][0]["field"] == "revision"


def test_a_retired_version_takes_no_new_task_and_its_trips_go_on() -> None:
    world = World()
    for _ in range(3):
        world.call("POST /v1/routes", {"id": "lap", "line": DRAFT["line"]}, "admin")
    trip = world.started()
    left = world.task()
    status, retired = world.call(RETIRE, role="admin", route="lap@1")
    assert (status, [(it["route"], it["state"]) for it in retired["routes"]]) == (200, [("lap@1", "retired")])
    world.now += 60
    assert world.call(RETIRE, role="admin", route="lap@1") == (200, retired)
    status, problem = world.call("POST /v1/tasks", TASK, "admin")
    assert (status, "lap@1 is retired" in problem["detail"]) == (409, True)
    assert world.call("POST /v1/tasks", TASK | {"route": "lap@2"}, "admin")[0] == 201
    # What was there before goes on, and its courier still sees the line.
    assert world.call("GET /v1/routes/{route}", route="lap@1")[1]["properties"]["state"] == "retired"
    assert world.call("POST /v1/trips/{trip}/finish", trip=trip["trip"])[0] == 200
    assert world.call("POST /v1/tasks/{task}/claim", task=left)[0] == 200
    listed = {
        state: world.call(LIST, role="manager", query={"state": state})[1]
        for state in ("published", "retired")
    }
    assert [[it["route"] for it in some["routes"]] for some in listed.values()] == [
        ["lap@2", "lap@3"],
        ["lap@1"],
    ]
    _, rest = world.call(RETIRE, role="admin", route="lap")
    assert [it["retired_at"] for it in rest["routes"]] == [T0, T0 + 60, T0 + 60]
    assert world.call(RETIRE, role="admin", route="lap@9")[0] == 404
    assert world.call(RETIRE, role="admin", route="other")[0] == 404


def test_couriers_see_published_routes_only(admins) -> None:
    admins.put()
    for state in ("draft", "retired"):
        assert admins.call(LIST, role="courier", query={"state": state})[0] == 403
    assert admins.call(LIST, role="courier") == (200, {"routes": []})
    assert admins.call(GET, role="courier")[0] == 403
    assert admins.call(LIST, query={"state": "lost"})[0] == 400
