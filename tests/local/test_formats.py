"""Every tracking app, at the address that its set-up says, to pings that can be read back."""

from __future__ import annotations

import gzip
import json
import time
import urllib.request
from datetime import UTC, datetime

from tests.local.api import call, signed_in
from tests.local.test_whole_flow import until

LINE = {"type": "LineString", "coordinates": [[121.4600, 31.2404], [121.4800, 31.2404]]}
LAT, LON, MPS = 31.2404, 121.4700, 4.33


def send(url: str, body: bytes = b"", content_type: str = "", method: str = "POST", **headers: str):
    """As an app does: without a token. Status and body."""
    request = urllib.request.Request(  # noqa: S310 - our own loopback
        url, body, {"content-type": content_type or "application/json"} | headers, method=method
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return answer.status, json.loads(answer.read())


def iso(t: int) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_a_ping_of_every_app_is_in_the_trip(running) -> None:
    base, admin = running.base, running.token("admin")
    rider = signed_in(base, admin, "apps-rider")
    route = call(base, "POST /v1/routes", {"id": "apps", "line": LINE}, admin)[1]["route"]
    task = {"route": route, "bonus": {"amount": "1", "currency": "CNY"}, "deadline": time.time() + 3600}
    task = call(base, "POST /v1/tasks", task, admin)[1]["task"]
    assert call(base, f"POST /v1/tasks/{task}/claim", {}, rider)[0] == 200
    now = int(time.time())
    trip = call(base, f"POST /v1/tasks/{task}/start", {"at": now - 100}, rider)[1]["trip"]
    device = call(base, "POST /v1/devices", {"name": "phone"}, rider)[1]
    key = {"x-device-key": device["key"], "authorization": f"Bearer {rider}"}
    _, setup = send(f"{base}/v1/devices/{device['device']}/setup", b"", method="GET", **key)
    at = {it["app"]: it["address"] for it in setup["apps"]}
    assert all(it["qr"].startswith("<svg") for it in setup["apps"])

    form = "application/x-www-form-urlencoded"
    fix = f"lat={LAT}&lon={LON}&speed={MPS / 0.514444}&bearing=90&accuracy=6.5"
    place = {"latitude": LAT, "longitude": LON, "speed": MPS, "heading": 90, "accuracy": 6.5}
    location = {"coords": place, "timestamp": iso(now - 70), "is_moving": True}
    point = {"geometry": {"type": "Point", "coordinates": [LON, LAT]}}
    point |= {"properties": {"timestamp": iso(now - 40), "speed": 4, "course": 90, "horizontal_accuracy": 7}}
    message = {"_type": "location", "tst": now - 50, "lat": LAT, "lon": LON, "vel": 15, "cog": 90, "acc": 7}
    filled = at["gpslogger"].replace("%TIMESTAMP", str(now - 30)).replace("%LAT", str(LAT))
    for name, value in (("%LON", LON), ("%ACC", 6.5), ("%SPD", MPS), ("%DIR", 90.0)):
        filled = filled.replace(name, str(value))
    answers = [
        send(f"{at['traccar']}?id=1&timestamp={now - 90}&{fix}", content_type=form),
        send(at["traccar"], json.dumps({"location": location, "device_id": "1"}).encode()),
        send(at["traccar"], f"id=1&timestamp={now - 80}&{fix}".encode(), form),
        send(
            at["background-geolocation"],
            gzip.compress(json.dumps({"location": [location | {"timestamp": iso(now - 60)}]}).encode()),
            **{"content-encoding": "gzip"},
        ),
        send(at["owntracks"], json.dumps(message).encode()),
        send(at["owntracks"], b""),
        send(at["overland"], json.dumps({"locations": [point]}).encode()),
        send(filled, method="GET"),
    ]
    assert answers == [(200, {})] * 4 + [(200, [])] * 2 + [(200, {"result": "ok"}), (200, {})]

    def seven():
        _, track = call(base, f"GET /v1/trips/{trip}/track", token=rider)
        return track["pings"] if len(track.get("pings", ())) == 7 else None

    pings = until(seven)
    assert [now - p["t"] for p in pings] == [90, 80, 70, 60, 50, 40, 30]
    assert {(p["lat"], p["lon"], p["heading_deg"], p["device"]) for p in pings} == {
        (LAT, LON, 90, device["device"])
    }
    assert all(abs(p["speed_mps"] - MPS) <= 0.4 for p in pings)
