"""A user changed on the laptop stack, whose clock runs sixty times as fast: tags, a password, disabled."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cli import run_state
from telemetry.clock import Course
from tests.local.api import call
from tests.local.test_whole_flow import until

LINE = {"type": "LineString", "coordinates": [[121.4700, 31.2504], [121.4900, 31.2504]]}
PASSWORD, ANOTHER = "a long password", "a longer password"


class Fleet:
    def __init__(self, fast) -> None:
        self.base, self.mint = fast.base, fast.token
        self.admin, self.manager = fast.token("admin"), fast.token("manager")
        course = Course.parse(run_state.read(run_state.port_of(fast.base)).clock)
        self.now = lambda: course.now_s(time.time())
        made = self.call("POST /v1/routes", {"id": "users", "line": LINE}, self.admin)
        self.route = made[1]["route"]

    def call(self, route, body=None, token=None):
        return call(self.base, route, body, token)

    def user(self, name: str, **more) -> None:
        new = {"user": name, "role": "courier", "password": PASSWORD} | more
        assert self.call("POST /v1/users", new, self.admin)[0] == 201

    def change(self, name: str, **changes):
        return self.call(f"PATCH /v1/users/{name}", changes, self.admin)

    def sign_in(self, name: str, password: str = PASSWORD):
        return self.call("POST /v1/session", {"user": name, "password": password})

    def claim(self, token, **terms):
        """A claim of a new task."""
        task = {
            "route": self.route,
            "bonus": {"amount": "1", "currency": "CNY"},
            "deadline": self.now() + 1e6,
        }
        made = self.call("POST /v1/tasks", task | terms, self.admin)[1]["task"]
        return self.call(f"POST /v1/tasks/{made}/claim", {}, token)

    def upload(self, key: str):
        fix = f"id=1&timestamp={int(self.now())}&lat=31.2504&lon=121.47&accuracy=6"
        return self.call(f"POST /v1/devices/{key}/traccar?{fix}", b"")

    def states(self, name: str) -> dict[str, str]:
        trips = self.call(f"GET /v1/trips?courier={name}", None, self.manager)[1]["trips"]
        return {it["trip"]: it["state"] for it in trips}


@pytest.fixture(scope="module")
def fleet(fast):
    return Fleet(fast)


def test_a_tag_counts_from_the_next_claim_on(fleet) -> None:
    fleet.user("users-tagged")
    token = fleet.sign_in("users-tagged")[1]["token"]
    assert fleet.claim(token, tags=["cargo"])[0] == 403
    assert fleet.change("users-tagged", tags=["cargo", "bike"])[1]["tags"] == ["bike", "cargo"]
    assert fleet.claim(token, tags=["cargo"])[0] == 200
    assert fleet.change("users-tagged", tags=["bike"])[0] == 200
    assert fleet.claim(token, tags=["cargo"])[0] == 403


def test_a_new_password_ends_the_sessions_from_before(fleet) -> None:
    fleet.user("users-forgot")
    unused = fleet.sign_in("users-forgot")[1]["token"]
    assert fleet.change("users-forgot", password="short")[1]["errors"][0]["field"] == "password"
    assert fleet.change("users-forgot", password=ANOTHER)[0] == 200
    assert fleet.sign_in("users-forgot")[0] == 401
    fresh = fleet.sign_in("users-forgot", ANOTHER)[1]["token"]
    until(lambda: fleet.call("GET /v1/trips", None, fleet.mint("courier", "users-forgot"))[0] == 401)
    status, problem = fleet.call("GET /v1/trips", None, unused)
    assert (status, "sign in again" in problem["detail"]) == (401, True)
    assert fleet.call("GET /v1/trips", None, fresh)[0] == 200


def test_who_is_disabled_does_nothing_more_and_their_trips_stay(fleet) -> None:
    for name in ("users-gone", "users-other"):
        fleet.user(name)
    token = fleet.sign_in("users-gone")[1]["token"]
    key = fleet.call("POST /v1/devices", {"name": "phone"}, token)[1]["key"]
    ridden, held = (fleet.claim(token)[1]["trip"] for _ in range(2))
    assert fleet.call(f"POST /v1/trips/{ridden}/start", {}, token)[0] == 201
    assert fleet.upload(key)[0] == 200
    other = fleet.sign_in("users-other")[1]["token"]
    theirs = fleet.claim(other)[1]["trip"]

    assert fleet.change("users-gone", disabled=True)[1]["disabled"] is True
    assert fleet.sign_in("users-gone") == fleet.sign_in("users-gone", "a wrong password")
    assert fleet.sign_in("users-gone")[0] == 401
    assert fleet.claim(token)[0] == 403  # at once, though the gateway knows the token
    status, problem = fleet.call(
        f"POST /v1/trips/{theirs}/reassign", {"courier": "users-gone"}, fleet.manager
    )
    assert (status, "disabled" in problem["detail"]) == (409, True)
    until(lambda: fleet.upload(key)[0] == 401)
    until(lambda: fleet.call("GET /v1/trips", None, fleet.mint("courier", "users-gone"))[0] == 401)

    assert fleet.states("users-gone") == {ridden: "started", held: "claimed"}
    passed = fleet.call(f"POST /v1/trips/{held}/reassign", {"courier": "users-other"}, fleet.manager)
    assert (passed[0], passed[1]["courier"]) == (200, "users-other")
    cancelled = fleet.call(f"POST /v1/trips/{ridden}/cancel", {"note": "left"}, fleet.manager)
    assert (cancelled[0], cancelled[1]["state"]) == (200, "cancelled")

    assert fleet.change("users-gone", disabled=False)[1]["disabled"] is False
    until(lambda: fleet.upload(key)[0] == 200)
    assert fleet.claim(fleet.sign_in("users-gone")[1]["token"])[0] == 200


def test_two_admins_who_disable_each_other_at_once_leave_one(fleet) -> None:
    names = ("users-ada", "users-bo")
    for name in names:
        fleet.user(name, role="admin")

    def disable(whose: str, token: str):
        return fleet.call(f"PATCH /v1/users/{whose}", {"disabled": True}, token)

    for _ in range(8):
        tokens = [fleet.sign_in(name)[1]["token"] for name in names]
        with ThreadPoolExecutor(2) as both:
            answers = list(both.map(disable, reversed(names), tokens))
        assert sorted(status for status, _ in answers) == [200, 403], answers
        users = fleet.call("GET /v1/users", None, fleet.admin)[1]["users"]
        admins = {it["user"]: it["disabled"] for it in users if it["user"] in names}
        assert sorted(admins.values()) == [False, True], admins
        for name in names:
            assert fleet.change(name, disabled=False)[0] == 200
