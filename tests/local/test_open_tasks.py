"""Tasks that open by themselves, found by who is near, on a laptop whose clock runs sixty times as fast."""

from __future__ import annotations

import pytest

from tests.local.api import call
from tests.local.test_whole_flow import until

LINE = {"type": "LineString", "coordinates": [[121.4000, 31.1000], [121.4100, 31.1000]]}
MONEY = {"amount": "3.00", "currency": "CNY"}


@pytest.fixture(scope="module")
def route(fast):
    body = {"id": "open-tasks", "line": LINE}
    return call(fast.base, "POST /v1/routes", body, fast.token("admin"))[1]["route"]


def test_a_schedule_opens_a_task_each_minute_until_it_is_removed(fast, clock, route) -> None:
    admin = fast.token("admin")
    task = {
        "route": route,
        "bonus": MONEY,
        "title": "Each minute",
        "closes_after": 600,
        "deadline_after": 900,
    }
    body = {"cron": "* * * * *", "time_zone": "Asia/Shanghai", "task": task}
    asked = {name: body[name] for name in ("cron", "time_zone")}
    status, told = call(fast.base, "POST /v1/schedules/times", asked, admin)
    assert (status, told["clock_changes"]) == (200, [])
    assert [it["offset_s"] for it in told["times"]] == [28_800] * 5
    status, made = call(fast.base, "POST /v1/schedules", body, admin)
    assert status == 201
    # As long as the request took, on clocks that run sixty times as fast.
    assert 0 <= made["next"][0] - told["times"][0]["at"] < 600
    near = "GET /v1/tasks?near=31.1,121.4&within=2000"

    def found():
        return [it for it in call(fast.base, near, token=admin)[1]["tasks"] if it["title"] == "Each minute"]

    tasks = until(lambda: len(them := found()) >= 3 and them, 30)
    assert all(it["opens"] % 60 == 0 and it["distance_m"] < 3 and it["status"] == "open" for it in tasks)
    opened = sorted(it["opens"] for it in tasks)
    assert opened == [opened[0] + 60 * i for i in range(len(opened))]
    assert opened[0] >= made["next"][0]
    assert call(fast.base, f"DELETE /v1/schedules/{made['schedule']}", token=admin)[0] == 204
    until(lambda: clock() > max(it["opens"] for it in found()) + 180, 15)
    assert call(fast.base, "GET /v1/schedules", token=admin)[1]["schedules"] == []


def test_bad_schedules_and_searches_say_what_to_do(fast, route) -> None:
    admin = fast.token("admin")
    task = {"route": route, "bonus": MONEY, "deadline_after": 60}
    body = {"cron": "0 8 * * 1-5", "time_zone": "Asia/Peking", "task": task}
    status, problem = call(fast.base, "POST /v1/schedules", body, admin)
    assert (status, problem["errors"][0]["field"]) == (400, "time_zone")
    assert "Asia/Shanghai" in problem["detail"]
    status, problem = call(fast.base, "GET /v1/tasks?near=here", token=admin)
    assert (status, problem["errors"][0]["field"]) == (400, "near")
