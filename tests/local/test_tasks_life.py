"""A task's life on a laptop whose clock runs sixty times as fast: the stream sets its timers."""

from __future__ import annotations

import json
import urllib.request

import pytest

from tests.local.api import call
from tests.local.test_whole_flow import until

LINE = {"type": "LineString", "coordinates": [[121.4700, 31.2304], [121.4737, 31.2304], [121.4900, 31.2304]]}
BONUS = {"amount": "5.00", "currency": "CNY"}


@pytest.fixture(scope="module")
def tokens(fast):
    tokens = {who: fast.token(role, who) for who, role in (
        ("li", "courier"), ("zhao", "courier"), ("max", "manager"), ("ada", "admin"),
    )}  # fmt: skip
    zhao = {"user": "zhao", "role": "courier", "password": "a long password", "tags": ["cargo"]}
    assert call(fast.base, "POST /v1/users", zhao, tokens["ada"])[0] == 201
    return tokens


@pytest.fixture(scope="module")
def route(fast, tokens):
    return call(fast.base, "POST /v1/routes", {"id": "life", "line": LINE}, tokens["ada"])[1]["route"]


def listed(fast, tokens, status):
    return {
        task["task"]
        for task in call(fast.base, f"GET /v1/tasks?status={status}", None, tokens["max"])[1]["tasks"]
    }


def test_a_task_opens_a_claim_expires_and_the_task_closes_by_timers_alone(fast, clock, tokens, route) -> None:
    now = clock()
    body = {
        "route": route, "bonus": BONUS, "opens": now + 120, "closes": now + 540, "start_until": now + 480,
        "deadline": now + 1200,
    }  # fmt: skip
    assert call(fast.base, "POST /v1/tasks", body, tokens["ada"])[0] == 400
    body["start_until"] = now + 540
    task = call(fast.base, "POST /v1/tasks", body, tokens["ada"])[1]["task"]
    assert task in listed(fast, tokens, "scheduled")
    assert call(fast.base, f"POST /v1/tasks/{task}/claim", {}, tokens["li"])[0] == 409
    until(lambda: task in listed(fast, tokens, "open"))
    trip = call(fast.base, f"POST /v1/tasks/{task}/claim", {}, tokens["li"])[1]["trip"]
    assert task in listed(fast, tokens, "taken")

    def audit():
        return call(fast.base, f"GET /v1/trips/{trip}/audit", None, tokens["li"])[1]

    told = until(lambda: audit() if audit()["trip"]["state"] == "expired" else None, 60)
    assert [(line["action"], line["by"]) for line in told["lines"]] == [
        ("claim", "li"),
        ("expire", "system"),
    ]
    assert call(fast.base, f"POST /v1/trips/{trip}/start", {}, tokens["li"])[0] == 409
    shown = call(fast.base, f"GET /v1/tasks/{task}", None, tokens["li"])[1]
    assert (shown["left"], shown["status"]) == (1, "closed")
    assert task in listed(fast, tokens, "closed")


def test_a_trip_is_claimed_passed_on_ridden_and_told(fast, clock, tokens, route) -> None:
    base = fast.base
    body = {"route": route, "bonus": BONUS, "deadline": clock() + 86_400, "quantity": 2}
    task = call(base, "POST /v1/tasks", body, tokens["ada"])[1]["task"]
    trip = call(base, f"POST /v1/tasks/{task}/claim", {}, tokens["li"])[1]["trip"]
    reassign = f"POST /v1/trips/{trip}/reassign"
    for nobody in ("zaho", "max"):
        status, problem = call(base, reassign, {"courier": nobody}, tokens["max"])
        assert (status, problem["errors"][0]["field"]) == (409, "courier")
    status, theirs = call(base, reassign, {"courier": "zhao"}, tokens["max"])
    assert (status, theirs["courier"]) == (200, "zhao")
    step = f"POST /v1/trips/{theirs['trip']}"
    assert call(base, f"{step}/start", {}, tokens["li"])[0] == 403
    assert call(base, f"{step}/start", {}, tokens["zhao"])[0] == 201
    assert call(base, f"{step}/pause", {"note": "Lunch"}, tokens["zhao"])[1]["state"] == "paused"
    assert call(base, f"{step}/resume", {}, tokens["zhao"])[1]["state"] == "started"
    status, done = call(base, f"{step}/finish", {}, tokens["zhao"])
    assert (status, done["state"]) == (200, "finished")
    seen = call(base, f"GET /v1/trips/{theirs['trip']}", None, tokens["zhao"])[1]
    assert (seen["finished_at"], seen["task"]) == (done["finished_at"], task)
    mine = call(base, "GET /v1/trips", None, tokens["li"])[1]["trips"]
    assert (trip, "released", theirs["trip"]) in {(it["trip"], it["state"], it["passed_to"]) for it in mine}
    told = call(base, "GET /v1/trips?courier=zhao&state=finished", None, tokens["max"])[1]["trips"]
    assert [it["trip"] for it in told] == [theirs["trip"]]


def test_a_key_makes_two_requests_one(fast, clock, tokens, route) -> None:
    body = json.dumps({"route": route, "bonus": BONUS, "deadline": clock() + 86_400}).encode()

    def make() -> str:
        headers = {"authorization": f"Bearer {tokens['ada']}", "idempotency-key": "one"}
        request = urllib.request.Request(f"{fast.base}/v1/tasks", body, headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own loopback
            return json.loads(answer.read())["task"]

    assert make() == make()
