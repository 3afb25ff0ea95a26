"""Another system's pings of many couriers, in one request and by a file, to dots that move."""

from __future__ import annotations

import gzip
import json
import time
import urllib.error
import urllib.request

import pytest

from tests.local.api import call, fetch, signed_in
from tests.local.kept import clear_quarantine
from tests.local.test_whole_flow import until

LINE = {"type": "LineString", "coordinates": [[121.4600, 31.2504], [121.4800, 31.2504]]}
COURIERS = tuple(f"bulk-{i}" for i in range(5))


@pytest.fixture(scope="module")
def fleet(running):
    """Couriers on trips that began five minutes ago; and a gateway, signed in as one. Its token."""
    base, admin = running.base, running.token("admin")
    route = call(base, "POST /v1/routes", {"id": "bulk", "line": LINE}, admin)[1]["route"]
    task = {"route": route, "bonus": {"amount": "1", "currency": "CNY"}, "deadline": time.time() + 3600}
    for courier in COURIERS:
        rider = running.token("courier", courier)
        made = call(base, "POST /v1/tasks", task, admin)[1]["task"]
        assert call(base, f"POST /v1/tasks/{made}/claim", {}, rider)[0] == 200
        assert call(base, f"POST /v1/tasks/{made}/start", {"at": time.time() - 300}, rider)[0] == 201
    yield signed_in(base, admin, "erp", "gateway")
    assert clear_quarantine(base, "demo/_bulk/") == 2  # a line of the request's, and one of the file's


def lines(ago_s: float, lon: float) -> bytes:
    """Two pings of each courier, some metres apart from courier to courier."""
    rows = [
        {
            "courier": courier,
            "device": "erp",
            "pings": [
                {"t": time.time() - ago_s + 10 * k, "lat": 31.2504, "lon": lon + 1e-4 * i + 5e-4 * k}
                for k in range(2)
            ],
        }
        for i, courier in enumerate(COURIERS)
    ]
    return b"\n".join(json.dumps(row).encode() for row in rows)


def along(running) -> dict[str, float | None]:
    couriers = call(running.base, "GET /v1/fleet", token=running.token("manager"))[1]["couriers"]
    return {it["courier"]: it["along_m"] for it in couriers if it["courier"] in COURIERS}


def post(running, token: str, body: bytes, **headers: str):
    request = urllib.request.Request(  # noqa: S310 - our own loopback
        f"{running.base}/v1/uploads/bulk",
        body,
        {"content-type": "application/x-ndjson", "authorization": f"Bearer {token}"} | headers,
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return answer.status, json.loads(answer.read())


def put(place: dict, body: bytes, **other: str) -> int:
    headers = place["headers"] | {"content-length": str(len(body))} | other
    request = urllib.request.Request(place["url"], body, headers, method=place["method"])  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_request_moves_every_courier_in_it(running, fleet) -> None:
    body = lines(120, 121.4650) + b"\n{"
    status, said = post(running, fleet, gzip.compress(body), **{"content-encoding": "gzip"})
    assert (status, said["accepted"], said["rejected"]) == (200, 10, 1)
    assert [it["accepted"] for it in said["lines"]] == [2] * 5 + [0]
    moved = until(lambda: (found := along(running)).keys() == set(COURIERS) and all(found.values()) and found)
    assert [round(moved[c] - moved["bulk-0"], -1) for c in COURIERS] == [0, 10, 20, 30, 40]
    assert post(running, fleet, body)[1]["accepted"] == 10  # again changes nothing
    time.sleep(0.5)
    assert along(running) == moved


def test_a_file_moves_them_on_and_its_lines_results_can_be_read(running, fleet) -> None:
    before = along(running)
    body = gzip.compress(lines(60, 121.4700) + b"\n" + json.dumps({"courier": "x y", "pings": []}).encode())
    status, place = call(running.base, "POST /v1/uploads/bulk/files", {"size": len(body)}, fleet)
    assert status == 201
    asked = f"GET /v1/uploads/bulk/files/{place['file']}"
    assert call(running.base, asked, token=fleet) == (200, {"file": place["file"], "state": "waiting"})
    assert put(place, body + b"more") == 403
    assert put(place, body, **{"if-none-match": "x"}) == 403
    assert put(place, body) == 200
    assert put(place, body[::-1]) == 412  # whoever else has the address replaces nothing

    def done():
        said = call(running.base, asked, token=fleet)[1]
        return said if said["state"] == "done" else None

    said = until(done)
    assert (said["lines"], said["accepted"], said["rejected"], said["problem"]) == (6, 10, 1, None)
    _, headers, results = fetch(said["results"])
    assert headers["content-encoding"] == "gzip"
    told = [json.loads(line) for line in gzip.decompress(results).splitlines()]
    assert [(it["line"], it["accepted"]) for it in told] == [(1, 2), (2, 2), (3, 2), (4, 2), (5, 2), (6, 0)]
    assert told[5]["rejected"][0]["field"] == "courier"
    until(lambda: all(now > before[c] + 400 for c, now in along(running).items()))
