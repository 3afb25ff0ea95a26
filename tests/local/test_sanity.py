"""What is doubtful reaches the manager and the record; who sends too fast is told to wait, or let through."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request

import pytest

from local.child import stack
from tests.local.api import call, fetch, signed_in
from tests.local.test_whole_flow import until

LINE = {"type": "LineString", "coordinates": [[121.4700, 31.2304], [121.4900, 31.2304]]}
BURST = 4


@pytest.fixture(scope="module")
def strict():
    parameters = f"DeviceUploadsPerSecond=1 DeviceUploadsBurst={BURST} GraceSeconds=2"
    with stack(PARAMETERS=parameters, WORKERS=1) as child:
        yield child


def test_mock_and_implausible_pings_reach_the_board_the_track_and_the_record(strict) -> None:
    base, admin, manager = strict.base, strict.token("admin"), strict.token("manager")
    rider = signed_in(base, admin, "doubtful")
    route = call(base, "POST /v1/routes", {"id": "doubts", "line": LINE}, admin)[1]["route"]
    task = {"route": route, "bonus": {"amount": "1", "currency": "CNY"}, "deadline": time.time() + 3600}
    task = call(base, "POST /v1/tasks", task, admin)[1]["task"]
    assert call(base, f"POST /v1/tasks/{task}/claim", {}, rider)[0] == 200
    began = int(time.time()) - 100
    trip = call(base, f"POST /v1/tasks/{task}/start", {"at": began}, rider)[1]["trip"]
    pings = [
        {"t": began + t, "lat": 31.2304, "lon": round(121.47 + t * 5e-5, 6), "accuracy_m": 5, "mock": t == 30}
        for t in range(10, 90, 10)
    ]
    pings[5]["lat"] += 0.02  # 2 km away for one ping: there and back
    assert call(base, "POST /v1/uploads", {"pings": pings[:4]}, rider)[0] == 200
    assert call(base, "POST /v1/uploads", {"pings": pings[2:]}, rider)[0] == 200

    def board():
        rows = call(base, "GET /v1/fleet", token=manager)[1]["couriers"]
        return next((row for row in rows if row["courier"] == "doubtful" and row["t"] == began + 80), None)

    row = until(board)
    assert (row["mock"], row["implausible"]) == (1, 2)
    progress = call(base, f"GET /v1/trips/{trip}", token=manager)[1]["progress"]
    assert (progress["mock"], progress["implausible"]) == (1, 2)
    assert call(base, f"POST /v1/trips/{trip}/finish", {"at": began + 95}, rider)[0] == 200
    record = until(lambda: call(base, f"GET /v1/trips/{trip}", token=manager)[1]["settled"], 30)
    assert record["quality"]["mock"] == {"count": 1, "share": 0.125}
    assert record["quality"]["implausible"] == {"count": 2, "share": 0.25}
    track = call(base, f"GET /v1/trips/{trip}/track", token=manager)[1]["pings"]
    assert [p["t"] - began for p in track if p["mock"]] == [30]
    _, _, gpx = fetch(f"{base}/v1/trips/{trip}/track?format=gpx", manager)
    assert gpx.count(b"<src>mock</src>") == 1


def status(url: str, body: bytes | None = None, token: str = "") -> tuple[int, str | None]:
    """And Retry-After."""
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - our own loopback
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, None
    except urllib.error.HTTPError as error:
        named = json.loads(error.read())["type"] == "urn:milepost:problem:too-many"
        return error.code, error.headers["retry-after"] if named else None


def test_who_sends_too_fast_waits_as_long_as_it_is_told(strict) -> None:
    base, rider = strict.base, signed_in(strict.base, strict.token("admin"), "hasty")
    body = json.dumps({"pings": [{"t": time.time(), "lat": 31.2304, "lon": 121.47}]}).encode()
    answers = [status(f"{base}/v1/uploads", body, rider) for _ in range(4 * BURST)]
    assert answers[:BURST] == [(200, None)] * BURST
    assert set(answers[BURST:]) <= {(429, "1"), (200, None)}  # a slow machine earns a token in between
    assert (429, "1") in answers
    device = call(base, "POST /v1/devices", {"name": "phone"}, rider)[1]
    at = f"{base}/v1/devices/{device['key']}"
    position = f"lat=31.2304&lon=121.47&timestamp={int(time.time())}"
    assert {status(f"{at}/gpslogger?{position}") for _ in range(4 * BURST)} == {(200, None)}
    traccar = [status(f"{at}/traccar?{position}", b"") for _ in range(2 * BURST)]
    assert (429, "1") in traccar
    until(lambda: "uploads over a limit let through" in strict.log.read_text())
    assert device["key"] not in strict.log.read_text()
