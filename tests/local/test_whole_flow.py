"""From a phone to a moving dot: the templates on the laptop runtime, through the public API alone."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from types import SimpleNamespace

import aiohttp
import pytest

from tests.local.api import call, signed_in

LINE = {"type": "LineString", "coordinates": [[121.4700, 31.2304], [121.4737, 31.2304], [121.4800, 31.2304]]}


def until(check, timeout_s: float = 10.0):
    """The first truthy answer of `check`, asked every 50 ms; fails with the last one."""
    end = time.monotonic() + timeout_s
    while not (answer := check()):
        assert time.monotonic() < end, f"still {answer!r} after {timeout_s} s"
        time.sleep(0.05)
    return answer


@pytest.fixture(scope="module")
def flow(running):
    """A courier with a device, on an active trip along LINE that began three minutes ago."""
    base = running.base
    admin, manager = running.token("admin"), running.token("manager")
    courier, other = (signed_in(base, admin, user) for user in ("flow-rider", "flow-other"))
    status, route = call(base, "POST /v1/routes", {"id": "flow", "line": LINE}, admin)
    assert status == 201
    task = {
        "route": route["route"],
        "bonus": {"amount": "12.50", "currency": "CNY"},
        "deadline": time.time() + 3600,
    }
    status, task = call(base, "POST /v1/tasks", task, admin)
    assert status == 201
    assert call(base, f"POST /v1/tasks/{task['task']}/claim", {}, courier)[0] == 200
    began = time.time() - 180
    status, trip = call(base, f"POST /v1/tasks/{task['task']}/start", {"at": began}, courier)
    assert status == 201
    status, device = call(base, "POST /v1/devices", {"name": "phone"}, courier)
    assert status == 201
    return SimpleNamespace(
        base=base, admin=admin, manager=manager, courier=courier, other=other,
        task=task["task"], trip=trip["trip"], route=route["route"], key=device["key"], began=began,
    )  # fmt: skip


def row(flow, courier: str = "flow-rider"):
    status, fleet = call(flow.base, "GET /v1/fleet", token=flow.manager)
    assert status == 200
    return next((c for c in fleet["couriers"] if c["courier"] == courier), None)


def overland(flow, ago_s: float, lon: float):
    """A batch as Overland sends it, its one point `ago_s` seconds old."""
    stamp = datetime.fromtimestamp(time.time() - ago_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    point = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, 31.230416]},
        "properties": {"timestamp": stamp, "altitude": 12, "speed": 4, "course": 93, "horizontal_accuracy": 7,
                       "motion": ["driving"], "battery_level": 0.81, "device_id": "wang-01"},
    }  # fmt: skip
    return json.dumps({"locations": [point], "trip": {"mode": "scooter"}}).encode()


def test_a_started_trip_is_on_the_board_before_any_ping(flow) -> None:
    found = row(flow)
    assert (found["trip"], found["route"], found["fraction"]) == (flow.trip, flow.route, 0.0)


def test_an_overland_upload_moves_the_courier_and_again_changes_nothing(flow) -> None:
    body = overland(flow, 60, 121.473701)
    path = f"POST /v1/devices/{flow.key}/overland"
    assert call(flow.base, path, body) == (200, {"result": "ok"})
    moved = until(lambda: (found := row(flow))["fraction"] > 0 and found)
    assert moved["along_m"] == pytest.approx(353, abs=5)
    assert (moved["state"], moved["lon"]) == ("on_route", 121.473701)
    assert call(flow.base, path, body) == (200, {"result": "ok"})
    # A later ping behind it on the same shard shows that the repeated one has been through.
    assert call(flow.base, path, overland(flow, 50, 121.4741))[0] == 200
    after = until(lambda: (found := row(flow))["lon"] == 121.4741 and found)
    assert after["version"] == moved["version"] + 1


def test_our_own_upload_takes_the_good_and_names_the_bad(flow) -> None:
    now = time.time()
    pings = [{"t": now - 20, "lat": 31.2304, "lon": 121.4750}, {"t": now - 10, "lat": 91, "lon": 121.4755}]
    status, body = call(flow.base, "POST /v1/uploads", {"pings": pings}, flow.courier)
    assert (status, body["accepted"]) == (200, 1)
    assert body["rejected"] == [{"index": 1, "field": "lat", "reason": "91.0 is outside -90 to 90 degrees"}]
    until(lambda: row(flow)["lon"] == 121.475)


BAD = [
    (b"{", "courier", 400, "body"),
    (b'{"pings": [{"t": NaN, "lat": 1, "lon": 2}]}', "courier", 400, "body"),
    ({"pings": [{"t": 5, "lat": 1, "lon": 2}]}, "courier", 400, "pings[0].t"),
    ({"pings": [{"t": 4102444800, "lat": 1, "lon": 2}]}, "courier", 400, "pings[0].t"),
    ({"pings": [{"t": 1.8e9, "lat": 91, "lon": 2}]}, "courier", 400, "pings[0]."),
    ({"pings": "none"}, "courier", 400, "pings"),
    ({"pings": [{"t": 1, "lat": 1, "lon": 2}]}, "manager", 403, None),
    (b" " * 7_000_000, "courier", 413, None),
]


def test_the_command_prints_a_token_that_is_taken(flow) -> None:
    env = os.environ | {"PORT": flow.base.rpartition(":")[2]}
    order = [sys.executable, "-m", "cli.main", "token", "--role", "manager"]
    printed = subprocess.run(order, env=env, capture_output=True, text=True, check=True, timeout=30)
    assert printed.stdout.count("\n") == 1
    assert call(flow.base, "GET /v1/fleet", token=printed.stdout.strip())[0] == 200


@pytest.mark.parametrize(("body", "who", "status", "field"), BAD)
def test_bad_input_gets_a_problem_document(flow, body, who, status, field) -> None:
    said, problem = call(flow.base, "POST /v1/uploads", body, getattr(flow, who))
    assert said == status == problem["status"]
    assert problem["detail"]
    if field:
        assert problem["errors"][0]["field"].startswith(field)


def test_no_token_a_bad_token_and_an_unknown_device_are_401(flow) -> None:
    for token in (None, "not-a-token", flow.courier[:-4] + "AAAA"):
        status, problem = call(flow.base, "POST /v1/uploads", {"pings": []}, token)
        assert (status, problem["status"]) == (401, 401)
    assert call(flow.base, "POST /v1/devices/dk_nobody/overland", overland(flow, 0, 121.4))[0] == 401


def test_the_live_stream_sends_a_snapshot_then_updates(flow) -> None:
    async def watch() -> list[dict]:
        _, ticket = call(flow.base, "POST /v1/live/ticket", token=flow.manager)
        address = flow.base.replace("http", "ws") + f"/v1/live?ticket={ticket['ticket']}"
        async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
            heard = []
            for action, kind in (("subscribe", "subscribed"), ("snapshot", "snapshot")):
                await socket.send_json({"action": action})
                heard.append(await socket.receive_json(timeout=10))
                assert heard[-1]["type"] == kind
            ping = {"t": time.time(), "lat": 31.2304, "lon": 121.4765}
            upload = {"pings": [ping]}
            await asyncio.to_thread(call, flow.base, "POST /v1/uploads", upload, flow.courier)
            last: dict = {}
            while "flow-rider" not in last.get("couriers", {}).get("courier", ()):
                last = await socket.receive_json(timeout=10)
            heard.append(last)
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:  # the ticket is used up
                await session.ws_connect(address)
            assert refused.value.status == 401
            return heard

    subscribed, snapshot, update = asyncio.run(watch())
    assert subscribed["topic"] == "fleet/demo"
    known = dict(zip(snapshot["couriers"]["courier"], snapshot["couriers"]["version"], strict=True))
    i = update["couriers"]["courier"].index("flow-rider")
    assert update["type"] == "update"
    assert update["couriers"]["lon"][i] == 121.4765
    assert update["couriers"]["version"][i] > known["flow-rider"]


def test_one_wins_a_claim_and_a_finished_trip_shows_as_finished(flow) -> None:
    status, problem = call(flow.base, f"POST /v1/tasks/{flow.task}/claim", {}, flow.other)
    assert (status, problem["status"]) == (409, 409)
    assert call(flow.base, f"POST /v1/trips/{flow.trip}/finish", {}, flow.other)[0] == 403
    assert call(flow.base, f"POST /v1/trips/{flow.trip}/finish", {}, flow.courier)[0] == 200
    assert row(flow)["state"] == "finished"
    # What was buffered offline and arrives after the finish still lands in the trip.
    late = {"pings": [{"t": flow.began + 5, "lat": 31.2304, "lon": 121.4701}]}
    assert call(flow.base, "POST /v1/uploads", late, flow.courier)[0] == 200
