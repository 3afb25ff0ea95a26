"""Signing in, users and devices, from the HTTP event to the answer."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from defusedxml import ElementTree

from ingest.receive.formats import APPS
from stacks.accounts import passwords
from stacks.accounts.devices import handler as devices_api
from stacks.accounts.devices.register import Devices
from stacks.accounts.session import handler as session_api
from stacks.accounts.session.signin import SignIn
from stacks.accounts.users import handler as users_api
from stacks.accounts.users.change import Changes
from stacks.accounts.users.enrol import Users
from stacks.accounts.users.wiring import Wiring
from storage.users import Account, User
from telemetry.api import answer
from telemetry.clock import now_s
from tests import events
from tests.fakes_stacks import RING, FakeDeviceTable, FakeKeys, FakeUserChanges, FakeUsers

CHEAP = passwords.Cost(n=2, r=1, p=1)
PASSWORD = "correct-horse"
BASE = "https://pipeline.example"


class Log:
    def exception(self, msg: str, /) -> None:
        raise AssertionError(msg)


@pytest.fixture
def users():
    record = passwords.keep(PASSWORD, CHEAP)
    return FakeUsers(
        Account(User("demo", "mei", "courier", "Mei Lin"), record, 0),
        Account(User("demo", "ada", "admin", "Ada"), record, 0),
        Account(User("other", "li", "courier", "Li"), record, 0),
    )


@pytest.fixture
def changed(users):
    """What is changed and revoked."""
    return FakeUserChanges(users, FakeDeviceTable())


@pytest.fixture
def call(users, changed):
    """Sends one request; answers its status and document."""
    table, changes = changed.devices, changed
    devices = Devices(table, users)
    nobody = passwords.keep("nobody's", CHEAP)
    wires = [
        (session_api.ENDPOINTS, (SignIn(users, FakeKeys(), nobody),)),
        (users_api.ENDPOINTS, (Wiring(Users(users, CHEAP), Changes(users, table, changes, CHEAP)),)),
        (devices_api.ENDPOINTS, (devices, BASE)),
    ]

    def send(route, body=None, role=None, user="mei", headers=None, generation=None, **path):
        """generation: of the sign-in; None: it was a moment ago."""
        path = {name.rstrip("_"): it for name, it in path.items()}  # user_: the path's
        event = events.http(
            route, json.dumps(body) if not isinstance(body, str) else body, pathParameters=path
        )
        event["headers"] |= headers or {}
        if role:
            made = users.who("demo", user) or User("demo", user, role, user)
            generation = made.generation if generation is None else generation
            events.signed_in(event, role, user, generation=generation)
        endpoints, wire = next(it for it in wires if route in it[0])
        response = answer(lambda request: endpoints[route](*wire, request), event, Log())
        return response["statusCode"], json.loads(response.get("body") or "null")

    return send


def test_a_password_opens_a_session_that_the_authorizer_knows(call) -> None:
    status, session = call("POST /v1/session", {"user": "mei", "password": PASSWORD})
    assert status == 200
    claims = RING.check(session.pop("token"), now_s())
    assert claims.context() == {
        "user": "mei",
        "fleet": "demo",
        "role": "courier",
        "exp": session["expires_at"],
        "generation": 0,
    }
    assert session == {"user": "mei", "fleet": "demo", "role": "courier", "expires_at": claims.exp}


@pytest.mark.parametrize(
    "given",
    [
        {"user": "mei", "password": "wrong-password"},
        {"user": "nobody", "password": PASSWORD},
        {"user": "li", "password": PASSWORD},
        {"fleet": "other", "user": "mei", "password": PASSWORD},
    ],
)
def test_an_unknown_user_and_a_wrong_password_are_told_the_same(call, given) -> None:
    status, problem = call("POST /v1/session", given)
    assert status == 401
    assert problem["detail"].startswith("The user or the password is wrong")


def test_an_unknown_user_costs_the_same_work(users, monkeypatch) -> None:
    checked = []
    monkeypatch.setattr(passwords, "matches", lambda password, record: checked.append(record) is not None)
    desk = SignIn(users, FakeKeys(), "the record of nobody")
    for user in ("mei", "nobody"):
        with pytest.raises(Exception, match="wrong"):
            desk.open("demo", user, "guess", 0)
    assert checked == [users.find("demo", "mei").password, "the record of nobody"]


BAD_BODIES = [
    ("POST /v1/session", '{"user": "mei",', "body", "unexpected"),
    ("POST /v1/session", "", "body", ""),
    ("POST /v1/session", [], "body", "expected object, got array"),
    ("POST /v1/session", {"user": "mei"}, "password", "is missing"),
    ("POST /v1/session", {"user": 7, "password": PASSWORD}, "user", "expected string, got whole number"),
    ("POST /v1/session", {"user": "Mei", "password": PASSWORD}, "user", "matching"),
    ("POST /v1/session", {"user": "mei", "password": "x" * 129}, "password", "length <= 128"),
    ("POST /v1/session", {"user": "mei", "password": PASSWORD, "role": "admin"}, "role", "not a field"),
    ("POST /v1/users", {"user": "li", "role": "root", "password": PASSWORD}, "role", "root"),
    ("POST /v1/users", {"user": "li", "role": "courier", "password": "short"}, "password", "at least 10"),
    ("POST /v1/users", {"user": "li", "role": "courier", "password": "y" * 10}, "password", "too easy"),
    (
        "POST /v1/users",
        {"user": "liliililil", "role": "courier", "password": "LiLiiLilil"},
        "password",
        "too easy",
    ),
    ("POST /v1/users", {"user": "li", "role": "courier", "password": "a1" * 65}, "password", "at most 128"),
    ("POST /v1/devices", {"name": ""}, "name", "length >= 1"),
    ("POST /v1/devices", {"name": None}, "name", "expected string, got null"),
    ("POST /v1/devices", {"name": "phone"}, "courier", "is missing"),
    ("POST /v1/devices", {"name": "phone", "courier": "nobody"}, "courier", "must be a courier"),
    ("POST /v1/devices", {"name": "phone", "courier": "ada"}, "courier", "must be a courier"),
]


@pytest.mark.parametrize(("route", "body", "field", "words"), BAD_BODIES)
def test_bad_input_is_refused_by_field(call, route, body, field, words) -> None:
    status, problem = call(route, body, "admin", "boss")
    assert (status, problem["status"], problem["title"]) == (400, 400, "The request is not understood")
    (error,) = problem["errors"]
    assert error["field"] == field
    assert words in error["reason"]


def test_an_admin_adds_a_user_who_can_then_sign_in(call) -> None:
    new = {"user": "wang", "role": "manager", "password": PASSWORD, "tags": ["cold", "bike", "cold"]}
    assert call("POST /v1/users", new, "admin", "ada") == (
        201,
        {"user": "wang", "role": "manager", "name": "wang", "tags": ["bike", "cold"], "disabled": False},
    )
    status, session = call("POST /v1/session", {"user": "wang", "password": PASSWORD})
    assert (status, session["role"]) == (200, "manager")
    status, problem = call("POST /v1/users", new, "admin", "ada")
    assert (status, problem["detail"]) == (409, "There is a user wang already; choose another name.")
    status, listed = call("GET /v1/users", role="manager")
    assert [user["user"] for user in listed["users"]] == ["ada", "mei", "wang"]
    assert "password" not in json.dumps(listed)


def test_a_key_is_shown_once_and_only_its_hash_is_kept(call) -> None:
    status, device = call("POST /v1/devices", {"name": "phone"}, "courier")
    assert status == 201
    key = device["key"]
    at = f"{BASE}/v1/devices/{key}"
    assert device["addresses"] == {app: f"{at}/{app}" for app in APPS} | {
        "gpslogger": f"{at}/gpslogger?lat=%LAT&lon=%LON&timestamp=%TIMESTAMP&acc=%ACC&spd=%SPD&dir=%DIR"
    }
    assert (device["courier"], device["name"]) == ("mei", "phone")
    status, listed = call("GET /v1/devices", role="courier")
    assert [it["device"] for it in listed["devices"]] == [device["device"]]
    assert key not in json.dumps(listed)


def test_devices_are_seen_and_revoked_by_their_courier_and_by_an_admin(call) -> None:
    _, mine = call("POST /v1/devices", {"name": "phone"}, "courier")
    _, given = call("POST /v1/devices", {"name": "spare", "courier": "mei"}, "admin", "ada")
    assert given["courier"] == "mei"
    status, problem = call("POST /v1/devices", {"name": "x", "courier": "mei"}, "courier", "wang")
    assert (status, problem["title"]) == (403, "You may not do this")
    assert call("GET /v1/devices", role="courier", user="wang") == (200, {"devices": []})
    assert len(call("GET /v1/devices", role="admin", user="ada")[1]["devices"]) == 2
    revoke = "DELETE /v1/devices/{device}"
    assert call(revoke, role="courier", user="wang", device=mine["device"])[0] == 403
    assert call(revoke, role="courier", device="dv_unknown")[0] == 404
    assert call(revoke, role="courier", device=mine["device"]) == (204, None)
    assert call(revoke, role="courier", device=mine["device"]) == (204, None)
    assert call(revoke, role="admin", user="ada", device=given["device"]) == (204, None)
    assert call("GET /v1/devices", role="courier") == (200, {"devices": []})


SETUP = "GET /v1/devices/{device}/setup"


def test_who_has_the_key_gets_a_link_and_a_code_for_every_app(call) -> None:
    _, device = call("POST /v1/devices", {"name": "phone"}, "courier")
    mine = {"device": device["device"], "headers": {"x-device-key": device["key"]}}
    status, found = call(SETUP, role="courier", **mine)
    assert status == 200
    assert {it["app"]: it["address"] for it in found["apps"]} == device["addresses"]
    links = {it["app"]: it["link"] for it in found["apps"]}
    at = f"{BASE}/v1/devices/{device['key']}"
    assert parse_qs(urlsplit(links["overland"]).query)["url"] == [f"{at}/overland"]
    assert links["traccar"].partition("?")[0] == f"{at}/traccar"
    (settings,) = parse_qs(urlsplit(links["owntracks"]).query)["inline"]
    settings = json.loads(base64.b64decode(settings, validate=True))
    assert (settings["_type"], settings["mode"], settings["url"]) == ("configuration", 3, f"{at}/owntracks")
    assert links["gpslogger"] == device["addresses"]["gpslogger"]
    for it in found["apps"]:
        assert ElementTree.fromstring(it["qr"]).tag == "svg"
    assert len({it["qr"] for it in found["apps"]}) == len(APPS)


def test_without_the_key_there_are_addresses_and_no_codes(call) -> None:
    _, device = call("POST /v1/devices", {"name": "phone"}, "courier")
    status, found = call(SETUP, role="manager", user="max", device=device["device"])
    assert status == 200
    assert {it["app"]: it["address"].replace("{key}", device["key"]) for it in found["apps"]} == device[
        "addresses"
    ]
    assert {(it["link"], it["qr"]) for it in found["apps"]} == {(None, None)}


def test_a_wrong_key_and_a_revoked_device_are_told(call) -> None:
    _, device = call("POST /v1/devices", {"name": "phone"}, "courier")
    given = {"device": device["device"], "headers": {"x-device-key": "dk_another"}}
    status, problem = call(SETUP, role="courier", **given)
    assert (status, problem["errors"][0]["field"]) == (400, "x-device-key")
    assert call(SETUP, role="courier", user="wang", **given)[0] == 403
    call("DELETE /v1/devices/{device}", role="courier", device=device["device"])
    status, problem = call(SETUP, role="courier", device=device["device"])
    assert (status, "register" in problem["detail"]) == (404, True)


def test_records_are_salted_and_name_their_cost() -> None:
    first, second = passwords.keep(PASSWORD, CHEAP), passwords.keep(PASSWORD, CHEAP)
    assert first != second
    assert first.startswith("scrypt$2$1$1$")
    assert passwords.matches(PASSWORD, first)
    assert not passwords.matches(PASSWORD + "!", first)
    assert PASSWORD not in first


def test_the_usual_cost_is_owasps() -> None:
    record = passwords.keep(PASSWORD)
    assert record.startswith("scrypt$16384$8$5$")
    assert passwords.matches(PASSWORD, record)
