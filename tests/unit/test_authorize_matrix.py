"""Who may call what: every route of every API definition, by everybody, through the real authorizer.

A route that is added without a row here fails, and so does a row without a route.
"""

from __future__ import annotations

import importlib
import json

import msgspec
import pytest

from geo.drawn.drawing import Drawing
from ingest.authorize.verdict import verdict
from ingest.bulk.take import Taker
from ingest.bulk.wiring import Wiring as BulkWiring
from ingest.receive.known import KnownDevices
from ingest.receive.receive import Receiver
from ingest.receive.wiring import Wiring as ReceiveWiring
from processors.query.handler import Wiring as QueryWiring
from processors.trips.reading import TripReader
from stacks.accounts import passwords
from stacks.accounts.devices.register import Devices
from stacks.accounts.session.signin import SignIn
from stacks.accounts.users.change import Changes
from stacks.accounts.users.enrol import Users
from stacks.accounts.users.wiring import Wiring as UsersWiring
from stacks.tasks.fleet.hooks import Hooks
from stacks.tasks.fleet.wiring import Wiring as FleetWiring
from stacks.tasks.moves import SYSTEM, Actor, Moves
from stacks.tasks.payouts import wiring as payouts
from stacks.tasks.payouts.approval import Approval
from stacks.tasks.photos.photos import Photos
from stacks.tasks.reckon.reckon import Reckoner
from stacks.tasks.schedules.schedules import Schedules
from stacks.tasks.schedules.shapes import NewSchedule
from stacks.tasks.schedules.wiring import Wiring as SchedulesWiring
from stacks.tasks.tasks.claim import Claims
from stacks.tasks.tasks.desk import Desk
from stacks.tasks.tasks.wiring import Wiring as TasksWiring
from stacks.tasks.trips.book import PipelineBook
from stacks.tasks.trips.lists import Lists
from stacks.tasks.trips.ride import Asked, Rides
from stacks.tasks.trips.wiring import Wiring as TripsWiring
from storage.devices import Device, key_hash
from storage.photos import Seen
from storage.settlements import Settled, Standing
from storage.trips import Trip
from storage.users import Account, User
from storage.webhooks import Webhook
from telemetry.api import Caller
from telemetry.clock import now_s
from telemetry.names import new_id
from telemetry.token import LIFETIME_S
from tests import events
from tests.events import CONTEXT
from tests.fakes import (
    FakeBulkFiles,
    FakeDownloads,
    FakeHistory,
    FakeLive,
    FakeLog,
    FakeQuarantine,
    FakeStream,
    FakeWindows,
    no_limits,
)
from tests.fakes_alerts import FakeAlerts, FakeSecrets, FakeWebhooks
from tests.fakes_payouts import FakeFiles, FakePayouts, FakePhotos
from tests.fakes_stacks import (
    RING,
    FakeCatalog,
    FakeDeviceTable,
    FakeKeys,
    FakeLines,
    FakeRevoked,
    FakeTasks,
    FakeTrips,
    FakeUserChanges,
    FakeUsers,
    fake_routes,
)
from tests.fakes_tasks import FakeOpenTasks, FakeSchedules
from tests.schemas import check, contents, function_of, operations
from tests.watching import alert

PASSWORD, KEY = "correct-horse", "dk_" + "k" * 32
ALERT = "al_0000000000000001"
NOW = now_s()
LINE = {"type": "LineString", "coordinates": [[121.4737, 31.2304], [121.4801, 31.2304]]}

# Who: without a token, with an expired one, mei (whose things are asked for), wang, a manager, an admin,
# and somebody of another fleet in the role that may.
WHO = ("nobody", "expired", "courier", "other", "manager", "admin", "stranger")
ALL = (200, 200, 200, 200, 200, 200, 200)
MATRIX = {
    "POST /v1/session": ALL,
    "POST /v1/devices/{key}/overland": ALL,
    "POST /v1/devices/{key}/traccar": ALL,
    "POST /v1/devices/{key}/owntracks": ALL,
    "GET /v1/devices/{key}/gpslogger": ALL,
    "POST /v1/devices/{key}/gpslogger": ALL,
    "POST /v1/devices/{key}/background-geolocation": ALL,
    "POST /v1/uploads": (401, 401, 200, 200, 403, 403, 200),
    "POST /v1/uploads/bulk": (401, 401, 403, 403, 403, 200, 200),
    "POST /v1/uploads/bulk/files": (401, 401, 403, 403, 403, 201, 201),
    "GET /v1/uploads/bulk/files/{file}": (401, 401, 403, 403, 403, 200, 404),
    "GET /v1/fleet": (401, 401, 403, 403, 200, 200, 200),
    "POST /v1/live/ticket": (401, 401, 201, 201, 201, 201, 201),
    "POST /v1/users": (401, 401, 403, 403, 403, 201, 201),
    "GET /v1/users": (401, 401, 403, 403, 200, 200, 200),
    "PATCH /v1/users/{user}": (401, 401, 403, 403, 403, 200, 404),
    "POST /v1/devices": (401, 401, 201, 403, 403, 201, 400),
    "GET /v1/devices": (401, 401, 200, 200, 403, 200, 200),
    "DELETE /v1/devices/{device}": (401, 401, 204, 403, 403, 204, 404),
    "GET /v1/devices/{device}/setup": (401, 401, 200, 403, 200, 200, 404),
    "POST /v1/routes": (401, 401, 403, 403, 403, 201, 201),
    "GET /v1/routes": (401, 401, 200, 200, 200, 200, 200),
    "GET /v1/routes/{route}": (401, 401, 200, 200, 200, 200, 404),
    "PUT /v1/routes/{route}/draft": (401, 401, 403, 403, 403, 200, 409),
    "GET /v1/routes/{route}/draft": (401, 401, 403, 403, 200, 200, 404),
    "DELETE /v1/routes/{route}/draft": (401, 401, 403, 403, 403, 204, 204),
    "POST /v1/routes/{route}/publish": (401, 401, 403, 403, 403, 201, 404),
    "POST /v1/routes/{route}/retire": (401, 401, 403, 403, 403, 200, 404),
    "POST /v1/tasks": (401, 401, 403, 403, 403, 201, 400),
    "GET /v1/tasks": (401, 401, 200, 200, 200, 200, 200),
    "GET /v1/tasks/{task}": (401, 401, 200, 200, 200, 200, 404),
    "POST /v1/tasks/{task}/claim": (401, 401, 200, 409, 403, 403, 404),
    "POST /v1/tasks/{task}/withdraw": (401, 401, 403, 403, 403, 200, 404),
    "POST /v1/bonuses/example": (401, 401, 403, 403, 200, 200, 200),
    "POST /v1/schedules": (401, 401, 403, 403, 403, 201, 400),
    "POST /v1/schedules/times": (401, 401, 403, 403, 200, 200, 200),
    "GET /v1/schedules": (401, 401, 403, 403, 200, 200, 200),
    "DELETE /v1/schedules/{schedule}": (401, 401, 403, 403, 403, 204, 404),
    "POST /v1/tasks/{task}/start": (401, 401, 201, 409, 403, 403, 404),
    "GET /v1/trips": (401, 401, 200, 200, 200, 200, 200),
    "GET /v1/trips/{trip}/audit": (401, 401, 200, 403, 200, 200, 404),
    "POST /v1/trips/{trip}/start": (401, 401, 201, 403, 403, 403, 404),
    "POST /v1/trips/{trip}/pause": (401, 401, 200, 403, 403, 403, 404),
    "POST /v1/trips/{trip}/resume": (401, 401, 200, 403, 403, 403, 404),
    "POST /v1/trips/{trip}/finish": (401, 401, 200, 403, 403, 403, 404),
    "POST /v1/trips/{trip}/confirm": (401, 401, 200, 403, 403, 403, 404),
    "POST /v1/trips/{trip}/dispute": (401, 401, 200, 403, 403, 403, 404),
    "POST /v1/trips/{trip}/release": (401, 401, 200, 403, 200, 403, 404),
    "POST /v1/trips/{trip}/cancel": (401, 401, 403, 403, 200, 200, 404),
    "POST /v1/trips/{trip}/reassign": (401, 401, 403, 403, 200, 403, 404),
    "GET /v1/trips/{trip}/bonus": (401, 401, 200, 403, 200, 200, 404),
    "POST /v1/trips/{trip}/approve": (401, 401, 403, 403, 200, 403, 404),
    "POST /v1/trips/{trip}/reject": (401, 401, 403, 403, 200, 403, 404),
    "POST /v1/trips/{trip}/photos": (401, 401, 201, 403, 403, 403, 404),
    "GET /v1/trips/{trip}/photos": (401, 401, 200, 403, 200, 200, 404),
    "POST /v1/trips/{trip}/photos/{photo}/confirm": (401, 401, 200, 403, 403, 403, 404),
    "GET /v1/payouts": (401, 401, 403, 403, 200, 200, 200),
    "POST /v1/payouts": (401, 401, 403, 403, 403, 201, 409),
    "GET /v1/payouts/{payout}": (401, 401, 403, 403, 200, 200, 404),
    "GET /v1/alerts": (401, 401, 403, 403, 200, 200, 200),
    "POST /v1/alerts/{alert}/acknowledge": (401, 401, 403, 403, 200, 200, 404),
    "GET /v1/fleet/rules": (401, 401, 403, 403, 200, 200, 200),
    "PUT /v1/fleet/rules": (401, 401, 403, 403, 403, 200, 200),
    "GET /v1/fleet/webhooks": (401, 401, 403, 403, 200, 200, 200),
    "PUT /v1/fleet/webhooks/{webhook}": (401, 401, 403, 403, 403, 200, 200),
    "DELETE /v1/fleet/webhooks/{webhook}": (401, 401, 403, 403, 403, 204, 404),
    "GET /v1/trips/{trip}": (401, 401, 200, 403, 200, 200, 404),
    "GET /v1/trips/{trip}/track": (401, 401, 200, 403, 200, 200, 404),
}
# A gateway may do what stands here, what everybody may, and nothing else.
GATEWAY = {
    "POST /v1/uploads/bulk": 200,
    "POST /v1/uploads/bulk/files": 201,
    "GET /v1/uploads/bulk/files/{file}": 200,
}
COURIERS = ("/claim", "/start", "/pause", "/resume", "/finish", "/confirm", "/dispute", "/release")
STRANGERS = {route: "courier" for route in MATRIX if route.endswith(COURIERS)}
STRANGERS |= dict.fromkeys(("POST /v1/uploads", "POST /v1/trips/{trip}/photos"), "courier")
STRANGERS |= {f"POST /v1/trips/{{trip}}/{step}": "manager" for step in ("reassign", "approve", "reject")}
PAYING = ("/bonus", "/approve", "/reject", "/payouts", "/payouts/{payout}")  # of a trip that is settled
CLAIMED = ("/start", "/release", "/reassign")  # what is done with a trip that has not started
BODIES = {
    "POST /v1/uploads/bulk": {"courier": "mei", "pings": [{"t": NOW, "lat": 31.2, "lon": 121.4}]},
    "POST /v1/uploads/bulk/files": {"size": 70_000_000},
    "POST /v1/session": {"user": "mei", "password": PASSWORD},
    "POST /v1/uploads": {"pings": [{"t": NOW, "lat": 31.2, "lon": 121.4}]},
    "POST /v1/devices/{key}/overland": {"locations": []},
    "PATCH /v1/users/{user}": {"role": "courier", "password": PASSWORD, "disabled": True, "tags": ["bike"]},
    "POST /v1/users": {"user": "li", "role": "courier", "password": PASSWORD},
    "POST /v1/devices": {"name": "phone", "courier": "mei"},
    "POST /v1/routes": {"id": "lap", "line": LINE},
    "PUT /v1/routes/{route}/draft": {"line": LINE, "name": "Longer", "revision": 1},
    "POST /v1/routes/{route}/publish": {"revision": 1},
    "POST /v1/tasks": {"route": "lap@1", "bonus": {"amount": "1", "currency": "CNY"}, "deadline": NOW + 3600},
    "POST /v1/bonuses/example": {"bonus": {"amount": "1", "currency": "CNY"}, "rides": [{"late_s": 60}]},
    "POST /v1/schedules/times": {"cron": "0 8 * * *", "time_zone": "Asia/Shanghai"},
    "POST /v1/schedules": {
        "cron": "0 8 * * *",
        "time_zone": "Asia/Shanghai",
        "task": {"route": "lap@1", "bonus": {"amount": "1", "currency": "CNY"}, "deadline_after": 60},
    },
    "POST /v1/trips/{trip}/reassign": {"courier": "wang"},
    "POST /v1/trips/{trip}/reject": {"note": "The photo shows another gate."},
    "POST /v1/trips/{trip}/photos": {"content_type": "image/jpeg", "size": 4711},
    "PUT /v1/fleet/rules": {"silent_after_s": 600},
    "PUT /v1/fleet/webhooks/{webhook}": {"url": "https://erp.example.com/m", "events": ["alert.raised"]},
}
HEADERS = {"DELETE /v1/routes/{route}/draft": {"if-match": '"1"'}}


# Every route: the logical id of its function, and whether it asks for a token.
DEFINED = {route: (function_of(it), bool(it["security"])) for route, (_, it) in operations().items()}


def test_every_route_has_a_row() -> None:
    assert set(MATRIX) == set(DEFINED)


def test_only_routes_for_everybody_ask_for_no_token() -> None:
    assert {route for route, (_, secured) in DEFINED.items() if not secured} == {
        route for route, row in MATRIX.items() if row is ALL
    }


@pytest.fixture
def world(monkeypatch):
    """Every function's handler over fakes, with one of everything that is mei's."""
    files = FakeBulkFiles()
    users, devices, tasks, catalog = FakeUsers(), FakeDeviceTable(), FakeTasks(), FakeCatalog()
    cheap = passwords.Cost(n=2, r=1, p=1)
    users.add(Account(User("demo", "mei", "courier", "Mei"), passwords.keep(PASSWORD, cheap), 0))
    users.add(Account(User("demo", "wang", "courier", "Wang"), "no password", 0))
    device = Device(key_hash(KEY), "demo", "mei", "dv_1", "phone", 0)
    devices.add(device)
    routes, live, trips = fake_routes(catalog, FakeLines()), FakeLive(), FakeTrips()
    desk = TasksWiring(Desk(tasks, catalog), Claims(tasks, users, 3), tasks, FakeOpenTasks([]))
    schedules = Schedules(FakeSchedules(tasks), desk.desk)
    rides = Rides(tasks, Moves(tasks), PipelineBook(trips, FakeWindows(), live), users, 3)
    receive = ReceiveWiring(
        Receiver(FakeStream(), FakeQuarantine(), now_s), KnownDevices(devices.find, now_s), no_limits()
    )
    alerts, webhooks = FakeAlerts(tasks), FakeWebhooks()
    alerts.alerts["demo", ALERT] = alert(ALERT)
    webhooks.put(Webhook("demo", "erp", "https://erp.example.com/m", ("alert.raised",), 0))
    wires = {
        "ingest.receive": receive,
        "ingest.bulk": BulkWiring(Taker(FakeStream(), FakeQuarantine()), files),
        "stacks.tasks.alerts": alerts,
        "stacks.tasks.fleet": FleetWiring(alerts, Hooks(webhooks, FakeSecrets(), private=False)),
        "processors.query": QueryWiring(live, FakeTickets()),
        "processors.trips": TripReader(trips, live, FakeHistory(), FakeDownloads(), FakeLog()),
        "stacks.accounts.session": SignIn(users, FakeKeys(), passwords.keep("x", cheap)),
        "stacks.accounts.users": UsersWiring(
            Users(users, cheap), Changes(users, devices, FakeUserChanges(users, devices), cheap)
        ),
        "stacks.accounts.devices": (Devices(devices, users), "https://pipeline.example"),
        "stacks.tasks.routes": routes,
        "stacks.tasks.schedules": SchedulesWiring(schedules, tasks),
        "stacks.tasks.tasks": desk,
        "stacks.tasks.trips": TripsWiring(rides, Lists(tasks), tasks),
        "stacks.tasks.payouts": payouts.wired(tasks, FakePayouts(tasks), Moves(tasks)),
        "stacks.tasks.photos": Photos(Moves(tasks), FakePhotos(tasks), Sent()),
    }
    handlers = {}
    for name, wire in wires.items():
        module = importlib.import_module(f"{name}.handler")
        monkeypatch.setattr(module, "wire", lambda *_, wire=wire: wire)
        handlers["".join(part.title() for part in name.split("."))] = module.handler
    lap = Drawing(LINE["coordinates"], name="Lap")
    routes.routes.publish("demo", "lap", lap, NOW)
    routes.drafts.put("demo", "lap", lap, None, "ada", NOW)
    schedule = msgspec.convert(BODIES["POST /v1/schedules"], NewSchedule)
    monkeypatch.setattr("stacks.tasks.schedules.schedules.new_id", lambda *_: "sc_1")
    schedules.add("demo", schedule, NOW)
    monkeypatch.setattr("stacks.tasks.schedules.schedules.new_id", new_id)
    return handlers, desk, rides, files


class Sent(FakeFiles):
    """Whatever is looked for was sent."""

    def look(self, fleet, trip, photo):
        return Seen("image/jpeg", 4711, b"\xff\xd8\xff", "etag")

    def keep(self, *of):
        return True


class FakeTickets:
    def issue_ticket(self, viewer):
        return f"ticket of {viewer.user}", int(NOW) + 30


def prepared(route, world) -> dict[str, str]:
    """What the path names: things of mei's, in the state that the route needs."""
    handlers, desk, rides, files = world
    event = events.signed_in(events.http("POST /v1/tasks", json.dumps(BODIES["POST /v1/tasks"])), "admin")
    task = json.loads(handlers["StacksTasksTasks"](event, CONTEXT)["body"])["task"]
    now = now_s()
    names = {"key": KEY, "device": "dv_1", "route": "lap@1", "task": task, "trip": "", "schedule": "sc_1"}
    names |= {"user": "mei"}
    names |= {"photo": f"ph_{'0' * 16}", "payout": "", "alert": ALERT, "webhook": "erp"}
    if route.endswith(("/draft", "/publish")):
        names["route"] = "lap"
    if "{file}" in route:
        names["file"] = files.place("demo", 1, NOW).name
    if route.endswith(("/claim", "{task}/start", *PAYING)) or "{trip}" in route:
        trip = desk.claims.claim(Caller("demo", "mei", "courier"), task, now).trip
        names["trip"] = trip
    if route.endswith(PAYING):
        rides.start(Asked("demo", Actor("mei", "courier"), now), trip)
        rides.finish(Asked("demo", Actor("mei", "courier"), now), trip)
        names["payout"] = reckoned(route, handlers, desk.store, trip)
    elif "{trip}" in route and not route.endswith(CLAIMED):
        rides.start(Asked("demo", Actor("mei", "courier"), now), trip)
        if route.endswith("/confirm"):
            arrived = {"proposed_ms": round(now * 1000)}
            Moves(desk.store).apply("demo", trip, "propose", SYSTEM, round(now * 1000), lambda *_: arrived)
        if route.endswith("/resume"):
            rides.pause(Asked("demo", Actor("mei", "courier"), now), trip)
    return {name: value for name, value in names.items() if f"{{{name}}}" in route}


def reckoned(route, handlers, tasks, trip) -> str:
    """The trip settled, or as far beyond as the route needs it; the payout that paid it."""
    ridden = Trip(trip, "demo", "mei", "tk_1", "lap@1", 0)
    record = {"progress": {"covered": 1.0}, "off_route": {"length_m": 0}}
    settled = Settled(1, "digest", 0, record)
    Reckoner(Moves(tasks), now_s).take(Standing(ridden, 1, due=False, settled=settled))
    if not route.endswith(("/bonus", "/approve")):
        Approval(Moves(tasks)).approve("demo", trip, Actor("max", "manager"), 0)
    if not route.endswith("{payout}"):
        return ""
    made = handlers["StacksTasksPayouts"](events.signed_in(events.http("POST /v1/payouts"), "admin"), CONTEXT)
    return json.loads(made["body"])["payout"]


def header(route, who) -> str | None:
    user, fleet, role = {
        "courier": ("mei", "demo", "courier"),
        "expired": ("ada", "demo", "admin"),
        "other": ("wang", "demo", "courier"),
        "manager": ("max", "demo", "manager"),
        "admin": ("ada", "demo", "admin"),
        "gateway": ("erp", "demo", "gateway"),
        "stranger": ("mei", "rival", STRANGERS.get(route, "admin")),
        "nobody": ("", "", ""),
    }[who]
    signed_at = NOW - LIFETIME_S - 1 if who == "expired" else NOW
    return f"Bearer {RING.sign(user, fleet, role, signed_at)[0]}" if user else None


CASES = [(route, who, status) for route, row in MATRIX.items() for who, status in zip(WHO, row, strict=True)]
CASES += [(route, "gateway", GATEWAY.get(route, 200 if row is ALL else 403)) for route, row in MATRIX.items()]


@pytest.mark.parametrize(("route", "who", "status"), CASES)
def test_everybody_gets_what_they_may_and_no_more(world, route, who, status) -> None:
    response = call(world, route, who)
    assert response["statusCode"] == status, response
    # …and in the shape that the definition promises.
    api, operation = operations()[route]
    if kinds := contents(api, operation["responses"][str(status)]):
        check(api, kinds[response["headers"]["content-type"]]["schema"], json.loads(response["body"]))
    if status >= 400:
        assert response["headers"]["content-type"] == "application/problem+json"
        assert json.loads(response["body"])["status"] == status


def call(world, route, who):
    function, secured = DEFINED[route]
    event = events.http(route, json.dumps(BODIES[route]) if route in BODIES else None)
    event["pathParameters"] = prepared(route, world)
    if route == "GET /v1/trips":
        event["queryStringParameters"] = {"state": "started"}
    event["headers"] |= HEADERS.get(route, {})
    if secured:
        token = header(route, who)
        event["headers"]["authorization"] = token
        event["requestContext"]["authorizer"] = {
            "lambda": verdict(token, FakeKeys(), FakeRevoked(), NOW) or None
        }
    return world[0][function](event, CONTEXT)


STATELESS = {"POST /v1/bonuses/example", "POST /v1/schedules/times"}  # they use nothing that could be gone


class Broken:
    """A wiring whose every use fails."""

    def __getattr__(self, name):
        raise RuntimeError("the table is gone")

    __iter__ = None


@pytest.mark.parametrize("route", sorted(set(MATRIX) - STATELESS))
def test_a_failure_is_logged_without_token_password_or_key(world, monkeypatch, caplog, route) -> None:
    who = next(
        who for who, status in zip(WHO, MATRIX[route], strict=True) if status < 300 and who != "expired"
    )
    secrets = [PASSWORD, KEY, header(route, who) or PASSWORD]
    names = prepared(route, world)
    monkeypatch.setattr("tests.unit.test_authorize_matrix.prepared", lambda *_: names)
    handler = world[0][DEFINED[route][0]]
    monkeypatch.setattr(importlib.import_module(handler.__module__), "wire", Broken)
    response = call(world, route, who)
    assert response["statusCode"] == 500
    told = response["body"] + "".join(str(vars(record)) for record in caplog.records) + caplog.text
    assert "unforeseen error" in told
    assert "the table is gone" not in response["body"]
    assert not [secret for secret in secrets if secret in told]
