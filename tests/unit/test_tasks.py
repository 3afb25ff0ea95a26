"""Routes, tasks, claims and trips, from the HTTP event to the answer."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from geo.datum import converted
from stacks.tasks.clock.clock import Due
from stacks.tasks.moves import SYSTEM, Moves
from stacks.tasks.routes import handler as routes_api
from stacks.tasks.tasks import handler as tasks_api
from stacks.tasks.tasks.claim import Claims
from stacks.tasks.tasks.desk import Desk
from stacks.tasks.tasks.wiring import Wiring as TasksWiring
from stacks.tasks.trips import handler as trips_api
from stacks.tasks.trips.book import PipelineBook
from stacks.tasks.trips.lists import Lists
from stacks.tasks.trips.ride import Rides
from stacks.tasks.trips.wiring import Wiring as TripsWiring
from storage.tasks import Courier
from storage.users import Account, User
from telemetry.api import Request, refuse
from telemetry.live import Live, Window
from telemetry.problem import Problem
from tests import events
from tests.fakes import FakeLive, FakeWindows
from tests.fakes_stacks import FakeCatalog, FakeLines, FakeTasks, FakeTrips, FakeUsers, fake_routes
from tests.fakes_tasks import FakeOpenTasks

T0 = 1_795_492_800.0
LINE = {"type": "LineString", "coordinates": [[121.4737, 31.2304], [121.4801, 31.2304], [121.4801, 31.2349]]}
TASK = {"route": "lap@1", "bonus": {"amount": "12.5", "currency": "CNY"}, "deadline": T0 + 3600}
CLAIM, START, FINISH = (
    "POST /v1/tasks/{task}/claim",
    "POST /v1/tasks/{task}/start",
    "POST /v1/trips/{trip}/finish",
)


LIMIT = 3


def account(user: str, role: str = "courier", *tags: str, fleet: str = "demo") -> Account:
    return Account(User(fleet, user, role, user, tags), "no password", 0)


class World:
    """The functions over one set of fakes, at a time that the test sets."""

    def __init__(self, tasks=None) -> None:
        self.now = T0
        self.tasks, self.catalog, self.lines = tasks or FakeTasks(), FakeCatalog(), FakeLines()
        self.trips, self.windows, self.live = FakeTrips(), FakeWindows(), FakeLive()
        self.book = PipelineBook(self.trips, self.windows, self.live)
        self.moves = Moves(self.tasks)
        self.due = Due(self.tasks, self.moves, lambda: self.now)
        self.users = FakeUsers(*(account(user) for user in ("mei", "wang", "li")), account("max", "manager"))
        rides = Rides(self.tasks, self.moves, self.book, self.users, LIMIT)
        desk, claims = Desk(self.tasks, self.catalog), Claims(self.tasks, self.users, LIMIT)
        self.wires = [
            (routes_api.ENDPOINTS, fake_routes(self.catalog, self.lines)),
            (tasks_api.ENDPOINTS, TasksWiring(desk, claims, self.tasks, FakeOpenTasks([]))),
            (trips_api.ENDPOINTS, TripsWiring(rides, Lists(self.tasks), self.tasks)),
        ]

    def call(
        self,
        endpoint,
        body=None,
        role="courier",
        user="mei",
        fleet="demo",
        query=None,
        key=None,
        **path,
    ):
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        event = events.http(endpoint, text, pathParameters=path, queryStringParameters=query)
        events.signed_in(event, role, user, fleet)
        if key is not None:
            event["headers"]["idempotency-key"] = key
        endpoints, wire = next(it for it in self.wires if endpoint in it[0])
        try:
            response = endpoints[endpoint](wire, Request(event, lambda: self.now))
        except Problem as problem:
            response = refuse(problem)
        return response["statusCode"], json.loads(response["body"])

    def user(self, user: str, **changes) -> None:
        """Changed as an admin changes them."""
        row = self.users.rows["demo", user]
        self.users.rows["demo", user] = replace(row, user=replace(row.user, **changes))

    def task(self, **changes) -> str:
        status, task = self.call("POST /v1/tasks", TASK | changes, "admin")
        assert status == 201
        return task["task"]

    def claimed(self, user="mei", **changes) -> str:
        """A task, claimed."""
        task = self.task(**changes)
        status, problem = self.call(CLAIM, task=task, user=user)
        assert status == 200, problem
        return task

    def held(self, user="mei", **changes) -> str:
        """A claimed trip."""
        return self.call(CLAIM, task=self.claimed(user, **changes), user=user)[1]["trip"]

    def started(self, user="mei", **changes) -> dict:
        status, trip = self.call(START, task=self.claimed(user, **changes), user=user)
        assert status == 201
        return trip

    def act(self, action, trip, body=None, role="courier", user="mei", **more):
        return self.call(f"POST /v1/trips/{{trip}}/{action}", body, role, user, trip=trip, **more)

    def propose(self, trip, at) -> None:
        """As the watch over arrivals does."""
        ms = round(at * 1000)
        self.moves.apply("demo", trip, "propose", SYSTEM, ms, lambda *_: {"proposed_ms": ms})


@pytest.fixture
def world():
    world = World()
    assert (
        world.call("POST /v1/routes", {"id": "lap", "line": LINE, "name": "Harbour lap"}, "admin")[0] == 201
    )
    return world


def test_publishing_again_makes_the_next_version_and_leaves_the_first(world) -> None:
    feature = {"type": "Feature", "properties": {"colour": "red"}, "geometry": LINE | {"bbox": [0, 0, 1, 1]}}
    longer = json.loads(json.dumps(feature))
    longer["geometry"]["coordinates"].append([121.4737, 31.2349, 12.0])
    status, second = world.call("POST /v1/routes", {"id": "lap", "line": longer}, "admin")
    assert (status, second["route"], second["id"], second["version"]) == (201, "lap@2", "lap", 2)
    status, listed = world.call("GET /v1/routes")
    assert [(it["route"], it["name"]) for it in listed["routes"]] == [
        ("lap@1", "Harbour lap"),
        ("lap@2", "lap"),
    ]
    first, second = (it["length_m"] for it in listed["routes"])
    assert first == pytest.approx(1109, abs=2)
    assert second == pytest.approx(first + 609, abs=2)
    status, drawn = world.call("GET /v1/routes/{route}", route="lap@1")
    assert (status, drawn["geometry"]) == (200, LINE)
    assert drawn["properties"] == listed["routes"][0] | {"stops": []}
    compiled, _ = world.lines.saved["demo", "lap@1"]
    assert compiled.length_m == pytest.approx(first, abs=0.001)


def test_a_route_of_another_fleet_is_not_there(world) -> None:
    status, problem = world.call("GET /v1/routes/{route}", route="lap@1", fleet="other")
    assert (status, problem["detail"][:28]) == (404, "There is no route lap@1; GET")
    assert world.call("GET /v1/routes", fleet="other") == (200, {"routes": []})


def test_stops_are_placed_along_the_route_and_come_back(world) -> None:
    pier = {"name": "四号码头", "lon": 121.4768, "lat": 31.2305, "radius_m": 40}
    body = {"id": "lap", "line": LINE, "stops": [pier, {"name": "End", "lon": 121.4801, "lat": 31.2349}]}
    status, published = world.call("POST /v1/routes", body, "admin")
    assert (status, [stop["name"] for stop in published["stops"]]) == (201, ["四号码头", "End"])
    first, second = published["stops"]
    assert first == pier | {"along_m": pytest.approx(295.5, abs=1)}
    assert (second["radius_m"], second["along_m"]) == (50.0, pytest.approx(published["length_m"], abs=0.1))
    _, drawn = world.call("GET /v1/routes/{route}", route="lap@2")
    assert drawn["properties"]["stops"] == published["stops"]
    compiled, _ = world.lines.saved["demo", "lap@2"]
    assert [stop._asdict() for stop in compiled.stops] == published["stops"]
    again = {"id": "lap", "line": drawn, "stops": drawn["properties"]["stops"]}
    status, published_again = world.call("POST /v1/routes", again, "admin")
    assert (status, published_again["stops"]) == (201, published["stops"])


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_line_in_another_datum_is_kept_in_wgs84(world, datum) -> None:
    def moved(lonlat):
        lon, lat = converted([p[0] for p in lonlat], [p[1] for p in lonlat], "wgs84", datum)
        return [list(point) for point in zip(lon.tolist(), lat.tolist(), strict=True)]

    (pin,) = moved([[121.4768, 31.2305]])
    body = {
        "id": "lap", "line": LINE | {"coordinates": moved(LINE["coordinates"])}, "datum": datum,
        "stops": [{"name": "Pier 4", "lon": pin[0], "lat": pin[1]}],
    }  # fmt: skip
    status, published = world.call("POST /v1/routes", body, "admin")
    assert status == 201
    _, drawn = world.call("GET /v1/routes/{route}", route="lap@2")
    for there, here in zip(drawn["geometry"]["coordinates"], LINE["coordinates"], strict=True):
        assert there == pytest.approx(here, abs=2e-7)
    (stop,) = drawn["properties"]["stops"]
    assert (stop["lon"], stop["lat"]) == pytest.approx((121.4768, 31.2305), abs=2e-7)
    first = world.call("GET /v1/routes")[1]["routes"][0]
    assert published["length_m"] == pytest.approx(first["length_m"], abs=0.1)


def drawing(*coordinates, kind="LineString"):
    return {"id": "lap", "line": {"type": kind, "coordinates": list(coordinates)}}


BAD_ROUTES = [
    (drawing([1, 2]), "line", "two distinct points"),
    (drawing([1, 2], [1, 2]), "line", "two distinct points"),
    (drawing([1, 2], [181, 2]), "line", "point 1"),
    (drawing([1, 2], [1, 95]), "line", "lon, lat"),
    (drawing([1, 2], [9, 2]), "line", "limit is 50 km"),
    (drawing([1, 2], [1]), "line.coordinates[1]", "length >= 2"),
    (drawing([1, 2], ["1", 2]), "line.coordinates[1][0]", "expected number, got string"),
    (drawing([1, 2], None), "line.coordinates[1]", "expected array, got null"),
    (drawing([1, 2], [1, 3], kind="Polygon"), "line.type", "Polygon"),
    ({"id": "lap", "line": {"coordinates": [[1, 2], [1, 3]]}}, "line.type", "is missing"),
    ({"id": "lap"}, "line", "is missing"),
    ({"line": LINE}, "id", "is missing"),
    ({"id": "lap@2", "line": LINE}, "id", "matching"),
    ({"id": "lap", "line": LINE, "nam": "x"}, "nam", "not a field"),
    ({"id": "lap", "line": LINE, "datum": "mars"}, "datum", "mars"),
    (
        {"id": "lap", "line": LINE, "stops": [{"name": "Moon", "lon": 0, "lat": 0}]},
        "stops[0]",
        "from the line",
    ),
    (
        {"id": "lap", "line": LINE, "stops": [{"name": "", "lon": 0, "lat": 0}]},
        "stops[0].name",
        "length >= 1",
    ),
    ({"id": "lap", "line": LINE, "stops": [{"name": "a", "lon": 0}]}, "stops[0].lat", "is missing"),
]


@pytest.mark.parametrize(("body", "field", "words"), BAD_ROUTES)
def test_what_cannot_be_a_route_is_refused_with_its_reason(world, body, field, words) -> None:
    assert_bad(world.call("POST /v1/routes", body, "admin"), field, words)
    assert len(world.catalog.rows) == 1


def assert_bad(answer, field, words) -> None:
    status, problem = answer
    assert status == 400, problem
    (error,) = problem["errors"]
    assert error["field"] == field
    assert words in error["reason"]


def bonus(amount="12.50", currency="CNY", **more):
    return {"bonus": {"amount": amount, "currency": currency, **more}}


BAD_TASKS = [
    (bonus(12.5), "bonus.amount", "expected string, got number"),
    (bonus("12.505"), "bonus.amount", "more decimals than CNY knows (2)"),
    (bonus("1.5", "JPY"), "bonus.amount", "more decimals than JPY knows (0)"),
    (bonus("-1"), "bonus.amount", "not negative"),
    (bonus("0", "CNY", rules={"moon": 1}), "bonus.rules.moon", "is not a rule of a bonus"),
    (bonus("0", "CNY", rules=[]), "bonus.rules", "expected object, got array"),
    (bonus("1e3"), "bonus.amount", "decimal number"),
    (bonus("١٢"), "bonus.amount", "decimal number"),
    (bonus("NaN"), "bonus.amount", "decimal number"),
    (bonus("12.50\n"), "bonus.amount", "decimal number"),
    (bonus("1", "XYZ"), "bonus.currency", "ISO 4217"),
    (bonus("1", "cny"), "bonus.currency", "ISO 4217"),
    ({"bonus": {"amount": "1"}}, "bonus.currency", "is missing"),
    ({"deadline": T0}, "deadline", "future"),
    ({"deadline": "tomorrow"}, "deadline", "expected number, got string"),
    ({"deadline": 1e300}, "deadline", "<="),
    ({"route": "lap"}, "route", "matching"),
    ({"route": "lap@9"}, "route", "not a published route"),
    ({"title": "x" * 101}, "title", "length <= 100"),
    ({"opens": T0 + 60, "closes": T0 + 60}, "closes", "after the opening"),
    ({"opens": T0 - 60, "closes": T0}, "closes", "in the future"),
    ({"start_until": T0 + 100, "closes": T0 + 101}, "closes", "after the start window"),
    ({"start_until": T0 + 3601}, "start_until", "after the deadline"),
    ({"deadline": T0 + 401 * 86_400}, "deadline", "400 days"),
    ({"start_until": T0}, "start_until", "in the future"),
    ({"start_from": T0 + 3600}, "start_from", "before the deadline"),
    ({"start_from": T0 + 90, "start_until": T0 + 90}, "start_from", "before start_until"),
    ({"quantity": 0}, "quantity", ">= 1"),
    ({"quantity": 1.5}, "quantity", "whole number"),
    ({"photos": -1}, "photos", ">= 0"),
    ({"tags": ["Bike"]}, "tags[0]", "matching"),
]


@pytest.mark.parametrize(("changes", "field", "words"), BAD_TASKS)
def test_what_cannot_be_a_task_is_refused_by_field(world, changes, field, words) -> None:
    assert_bad(world.call("POST /v1/tasks", TASK | changes, "admin"), field, words)
    assert not world.tasks.rows


def test_a_new_task_is_open_with_an_exact_bonus(world) -> None:
    task = world.task()
    status, listed = world.call("GET /v1/tasks", query={"status": "open"})
    assert status == 200
    assert listed["next"] is None
    assert listed["tasks"] == [
        {
            "task": task, "title": "Harbour lap", "route": "lap@1", "status": "open",
            "bonus": {"amount": "12.50", "currency": "CNY", "rules": {}}, "quantity": 1, "left": 1,
            "opens": T0, "closes": T0 + 3600, "start_from": None, "start_until": T0 + 3600,
            "deadline": T0 + 3600, "tags": [], "photos": 0, "notes": "",
            "place": {"lat": 31.2304, "lon": 121.4737},
        }
    ]  # fmt: skip
    assert world.call("GET /v1/tasks/{task}", task=task) == (200, listed["tasks"][0])
    assert world.call("GET /v1/tasks/{task}", task=task, fleet="other")[0] == 404
    assert world.call("GET /v1/tasks", fleet="other") == (200, {"tasks": [], "next": None})


@pytest.mark.parametrize(
    ("amount", "currency", "exact"), [("0", "CNY", "0.00"), ("7", "JPY", "7"), ("1.2", "KWD", "1.200")]
)
def test_a_bonus_has_the_decimals_of_its_currency(world, amount, currency, exact) -> None:
    world.task(**bonus(amount, currency))
    (task,) = world.tasks.rows.values()
    assert (task.bonus.amount, task.bonus.currency) == (exact, currency)


def test_tasks_come_page_by_page(world) -> None:
    made = []
    for _ in range(5):
        world.now += 1
        made.append(world.task())
    seen, after = [], None
    while True:
        query = {"limit": "2"} | ({"after": after} if after else {})
        _, page = world.call("GET /v1/tasks", query=query, role="manager")
        seen += [task["task"] for task in page["tasks"]]
        after = page["next"]
        if after is None:
            break
    assert seen == made[::-1]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "lost"}, "status"),
        ({"limit": "0"}, "limit"),
        ({"limit": "501"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"after": "lap"}, "after"),
    ],
)
def test_a_bad_query_is_refused_by_name(world, query, field) -> None:
    assert_bad(world.call("GET /v1/tasks", query=query), field, "must be")


def test_a_start_is_in_the_windows_the_live_item_and_the_trips_before_it_is_answered(world) -> None:
    task = world.claimed()
    world.now += 30
    status, trip = world.call(START, task=task)
    assert (status, trip["task"], trip["route"], trip["started_at"]) == (201, task, "lap@1", T0 + 30)
    window = Window(trip["trip"], "lap@1", round((T0 + 30) * 1000))
    assert world.windows.newest("demo/mei") == [window]
    live = world.live.items["demo/mei"]
    assert (live.active(), live.expires_s) == (window, None)
    assert live.version >= world.now * 1000
    assert world.trips.get(trip["trip"]).started_ms == window.start_ms
    world.now += 30
    assert world.call(START, task=task) == (201, trip)


def test_a_finish_closes_all_of_them_and_says_the_same_again(world) -> None:
    trip = world.started()
    world.now += 600
    status, finished = world.call(FINISH, trip=trip["trip"])
    assert (status, finished) == (200, trip | {"state": "finished", "finished_at": T0 + 600})
    assert world.live.items["demo/mei"].active() is None
    assert world.windows.newest("demo/mei")[0].end_ms == round((T0 + 600) * 1000)
    world.now += 600
    assert world.call(FINISH, trip=trip["trip"]) == (200, finished)
    assert world.call(FINISH, {"at": T0 + 1}, trip=trip["trip"]) == (200, finished)
    assert world.call(START, task=trip["task"]) == (201, finished)
    assert world.live.items["demo/mei"].active() is None
    _, listed = world.call("GET /v1/trips", query={"state": "finished"}, role="manager")
    assert listed["trips"] == [finished]


def test_only_the_claimer_starts_and_only_the_rider_finishes(world) -> None:
    task = world.task()
    status, problem = world.call(START, task=task)
    assert (status, f"POST /v1/tasks/{task}/claim" in problem["detail"]) == (409, True)
    world.call(CLAIM, task=task)
    assert world.call(START, task=task, user="wang")[0] == 409
    assert world.call(START, task="tk_unknown")[0] == 404
    _, trip = world.call(START, task=task)
    assert world.call(FINISH, trip=trip["trip"], user="wang")[0] == 403
    assert world.call(FINISH, trip=trip["trip"], fleet="other")[0] == 404
    status, problem = world.call(FINISH, trip="tr_unknown")
    assert (status, "POST /v1/tasks/{task}/claim" in problem["detail"]) == (404, True)


def test_a_courier_rides_one_trip_at_a_time(world) -> None:
    trip, second = world.started(), world.claimed()
    status, problem = world.call(START, task=second)
    assert (status, f"POST /v1/trips/{trip['trip']}/finish" in problem["detail"]) == (409, True)
    world.started("wang")


BAD_TIMES = [
    ({"at": T0 + 61}, "at", "future"),
    ({"at": T0 - 86_401}, "at", "more than a day before the claim"),
    ({"at": "now"}, "at", "expected number | null, got string"),
    ({"at": 1e300}, "at", "<="),
    ({"att": T0}, "att", "not a field"),
    ("{", "body", "unexpected"),
]


@pytest.mark.parametrize(("body", "field", "words"), BAD_TIMES)
def test_a_start_at_an_impossible_time_is_refused(world, body, field, words) -> None:
    assert_bad(world.call(START, body, task=world.claimed()), field, words)
    assert not world.windows.rows


@pytest.mark.parametrize(("at", "words"), [(T0 + 61, "future"), (T0 - 1, "before the trip's start")])
def test_a_finish_at_an_impossible_time_is_refused(world, at, words) -> None:
    trip = world.started()
    assert_bad(world.call(FINISH, {"at": at}, trip=trip["trip"]), "at", words)


def test_an_offline_start_lies_in_the_past_but_not_in_another_trip(world) -> None:
    first = world.started()
    world.now += 1000
    world.call(FINISH, {"at": T0 + 600}, trip=first["trip"])
    second = world.claimed()
    status, problem = world.call(START, {"at": T0 + 599}, task=second)
    assert (status, problem["errors"][0]["field"]) == (409, "at")
    status, trip = world.call(START, {"at": T0 + 600}, task=second)
    assert (status, trip["started_at"]) == (201, T0 + 600.001)
    windows = world.windows.newest("demo/mei")
    assert windows[0].end_ms < windows[1].start_ms


def test_without_a_time_a_trip_follows_one_that_ended_ahead_of_our_clock(world) -> None:
    first = world.started()
    world.call(FINISH, {"at": T0 + 60}, trip=first["trip"])
    _, trip = world.call(START, task=world.claimed())
    assert trip["started_at"] == T0 + 60.001


def test_an_expired_live_item_is_made_again_with_the_windows_it_forgot(world) -> None:
    first = world.started()
    world.now += 600
    world.call(FINISH, trip=first["trip"])
    world.live.items.clear()
    world.now += 3600
    task = world.task(deadline=world.now + 60)
    world.call(CLAIM, task=task)
    world.call(START, task=task)
    assert world.live.items["demo/mei"].windows[0].trip == first["trip"]


def test_a_start_that_crashed_half_way_is_completed_by_its_repetition(world) -> None:
    task = world.claimed()
    trips, world.trips.start = world.trips, None
    with pytest.raises(TypeError):
        world.call(START, task=task)
    (begun,) = world.tasks.trips_in("demo", "started", None, 9)
    assert begun.task == task
    del trips.start
    world.now += 5
    status, trip = world.call(START, task=task)
    assert (status, trip["started_at"]) == (201, T0)
    assert world.trips.get(trip["trip"]) is not None
    assert len(world.windows.newest("demo/mei")) == 1


def test_a_trip_whose_start_crashed_can_still_be_finished(world) -> None:
    task = world.claimed()
    start, world.trips.start = world.trips.start, None
    with pytest.raises(TypeError):
        world.call(START, task=task)
    world.trips.start = start
    trip = world.tasks.trips_in("demo", "started", None, 9)[0].trip
    assert world.call(FINISH, trip=trip, user="wang")[0] == 403
    status, finished = world.call(FINISH, {"at": T0}, trip=trip)
    assert (status, finished["finished_at"]) == (200, T0)


def test_a_finish_that_crashed_half_way_is_completed_by_the_next_start(world) -> None:
    first, second = world.started(), world.claimed()
    world.now += 600
    close, world.windows.close = world.windows.close, None
    with pytest.raises(TypeError):
        world.call(FINISH, trip=first["trip"])
    world.windows.close = close
    world.now += 60
    assert world.call(START, task=second)[0] == 201
    ends = [window.end_ms for window in world.windows.newest("demo/mei")]
    assert ends == [round((T0 + 600) * 1000), None]
    assert world.trips.get(first["trip"]).finished_ms == ends[0]


def test_a_start_overtaken_by_its_finish_opens_nothing_again(world) -> None:
    trip = world.started()
    begun = world.trips.get(trip["trip"])
    world.now += 600
    world.call(FINISH, trip=trip["trip"])
    PipelineBook(world.trips, world.windows, world.live).start(begun, world.now)
    assert world.live.items["demo/mei"].active() is None
    assert world.windows.newest("demo/mei")[0].end_ms is not None
    assert world.trips.get(trip["trip"]).finished_ms is not None


def test_lost_races_are_tried_again_and_given_up_with_words(world) -> None:
    task, courier = world.claimed(), world.tasks.courier
    stale = iter([Courier(1, ended_ms=5)])
    world.tasks.courier = lambda *who: next(stale, None) or courier(*who)
    assert world.call(START, task=task)[0] == 201
    again = world.claimed("wang")
    world.tasks.courier = lambda *_: Courier(1, ended_ms=5)
    status, problem = world.call(START, task=again, user="wang")
    assert (status, problem["detail"]) == (503, "The trip is busy; repeat the start.")


def test_a_live_item_with_uploads_keeps_them_through_a_start(world) -> None:
    world.live.put(Live("demo", "mei", 7, outside=3, expires_s=1), None)
    world.started()
    live = world.live.items["demo/mei"]
    assert (live.version, live.outside, live.expires_s) == (8, 3, None)


def test_a_step_is_kept_where_the_live_item_cannot_be_read_and_nothing_is_written_over(world) -> None:
    task = world.claimed()
    world.live.damaged.add("demo/mei")
    status, problem = world.call(START, task=task)
    assert (status, "repeat the request" in problem["detail"]) == (503, True)
    assert world.live.writes == 0
    world.live.damaged.clear()
    status, trip = world.call(START, task=task)
    assert (status, trip["state"]) == (201, "started")
    assert world.live.items["demo/mei"].active().trip == trip["trip"]
