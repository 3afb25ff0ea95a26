"""A live item is damaged in a running stack: everybody else goes on, and nothing writes over it."""

from __future__ import annotations

import time

import pytest

from cli import run_state
from cli.site import laptop
from tests.local.api import call
from tests.local.kept import clear_quarantine
from tests.local.test_whole_flow import until

LINE = {"type": "LineString", "coordinates": [[121.4600, 31.2604], [121.4800, 31.2604]]}
TORN, WHOLE = "torn-1", "torn-2"


@pytest.fixture(scope="module")
def trips(running):
    """Of both couriers, who are on the way."""
    base, admin = running.base, running.token("admin")
    route = call(base, "POST /v1/routes", {"id": "torn", "line": LINE}, admin)[1]["route"]
    task = {"route": route, "bonus": {"amount": "1", "currency": "CNY"}, "deadline": time.time() + 3600}
    found = {}
    for courier in (TORN, WHOLE):
        rider = running.token("courier", courier)
        made = call(base, "POST /v1/tasks", task, admin)[1]["task"]
        assert call(base, f"POST /v1/tasks/{made}/claim", {}, rider)[0] == 200
        status, trip = call(base, f"POST /v1/tasks/{made}/start", {"at": time.time() - 300}, rider)
        assert status == 201
        found[courier] = trip["trip"]
        ride(running, courier, 121.4650, ago_s=200)
    until(lambda: all(board(running)[0].get(courier) for courier in found))
    return found


def ride(running, courier: str, lon: float, ago_s: float) -> None:
    """One ping; half a kilometre from one to the next takes its time."""
    ping = {"t": time.time() - ago_s, "lat": 31.2604, "lon": lon, "accuracy_m": 5}
    token = running.token("courier", courier)
    assert call(running.base, "POST /v1/uploads", {"pings": [ping]}, token)[0] == 200


def board(running) -> tuple[dict[str, float | None], list[str]]:
    """Metres along of each, and who is left out."""
    status, told = call(running.base, "GET /v1/fleet", token=running.token("manager"))
    assert status == 200
    return {row["courier"]: row["along_m"] for row in told["couriers"]}, told["unreadable"]


@pytest.fixture
def damaged(running, trips):
    """The bytes that stand there now; mended behind the test."""
    site = laptop(run_state.read(run_state.port_of(running.base)))
    dynamodb, live = site.client("dynamodb"), site.name("live-table")
    key = {"courier": {"S": f"demo/{TORN}"}}
    whole = dynamodb.get_item(TableName=live, Key=key, ConsistentRead=True)["Item"]
    torn = whole | {"progress": {"B": whole["progress"]["B"][:9]}}
    dynamodb.put_item(TableName=live, Item=torn)
    yield lambda: dynamodb.get_item(TableName=live, Key=key, ConsistentRead=True)["Item"] == torn
    dynamodb.put_item(TableName=live, Item=whole)
    clear_quarantine(running.base, f"demo/{TORN}")


def test_a_damaged_item_is_told_of_and_stands_in_nobody_s_way(running, trips, damaged) -> None:
    before, left_out = board(running)
    assert (left_out, TORN in before) == ([TORN], False)
    ride(running, TORN, 121.4700, ago_s=100)
    ride(running, WHOLE, 121.4700, ago_s=100)
    until(lambda: board(running)[0][WHOLE] > before[WHOLE] + 300)
    site = laptop(run_state.read(run_state.port_of(running.base)))
    s3, bucket = site.client("s3"), site.name("data-bucket")
    kept = until(lambda: s3.list_objects_v2(Bucket=bucket, Prefix=f"quarantine/demo/{TORN}").get("KeyCount"))
    assert kept == 1  # what was acknowledged waits to be redriven
    assert damaged()
    token = running.token("manager")
    status, trip = call(running.base, f"GET /v1/trips/{trips[TORN]}", token=token)
    assert (status, trip["status"], trip["progress"]) == (200, "running", None)
    status, problem = call(running.base, f"GET /v1/trips/{trips[TORN]}/track", token=token)
    assert (status, "is not whole" in problem["detail"]) == (503, True)


def test_once_it_is_mended_the_courier_is_back(running, trips) -> None:
    assert board(running)[1] == []
    ride(running, TORN, 121.4750, ago_s=0)
    until(lambda: (board(running)[0].get(TORN) or 0) > 1_000)
