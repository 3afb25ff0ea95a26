"""A trip from its ride to its record, on a laptop whose clock runs sixty times as fast."""

from __future__ import annotations

import csv
import io
import json
import time

import boto3
import gpxpy
import pytest

from cli import run_state
from cli.main import main
from cli.replay.ledger import Ledger
from storage.trips import DynamoTrips
from telemetry.clock import Course, use
from tests.local.api import call, fetch, signed_in
from tests.local.conftest import GRACE_S
from tests.local.test_whole_flow import until

LINE = {"type": "LineString", "coordinates": [[121.4700, 31.2304], [121.4737, 31.2304], [121.4900, 31.2304]]}
METRES = 95_480 / 1e6  # of a millionth degree of longitude there


def state(fast):
    return run_state.read(run_state.port_of(fast.base))


@pytest.fixture(scope="module")
def dynamodb(fast):
    """As a function reaches it."""
    client = boto3.client(
        "dynamodb", endpoint_url=state(fast).aws_endpoint, region_name=state(fast).region,
        aws_access_key_id="000000000000", aws_secret_access_key="local",
    )  # fmt: skip
    yield client
    client.close()


def table(dynamodb, logical: str) -> str:
    return next(name for name in dynamodb.list_tables()["TableNames"] if name.endswith(logical))


@pytest.fixture(scope="module")
def trip(fast, clock):
    """A ride of 590 s along LINE that ends now, its pings from 200 to 400 s still in the phone."""
    admin = fast.token("admin")
    courier = signed_in(fast.base, admin, "late-rider")
    route = call(fast.base, "POST /v1/routes", {"id": "settle", "line": LINE}, admin)[1]["route"]
    task = {"route": route, "bonus": {"amount": "1", "currency": "CNY"}, "deadline": clock() + 7200}
    task = call(fast.base, "POST /v1/tasks", task, admin)[1]["task"]
    assert call(fast.base, f"POST /v1/tasks/{task}/claim", {}, courier)[0] == 200
    began = round(clock()) - 600
    status, started = call(fast.base, f"POST /v1/tasks/{task}/start", {"at": began}, courier)
    assert status == 201
    pings = [
        {"t": began + t, "lat": 31.2304, "lon": round(121.47 + t * 2e-5, 6), "accuracy_m": 5}
        for t in range(10, 600, 10)
    ]
    sent = [p for p in pings if not 200 < p["t"] - began < 400]
    assert call(fast.base, "POST /v1/uploads", {"pings": sent}, courier)[0] == 200
    running = call(fast.base, f"GET /v1/trips/{started['trip']}", token=courier)[1]
    assert running["status"] == "running"
    finish = f"POST /v1/trips/{started['trip']}/finish"
    assert call(fast.base, finish, {"at": began + 595}, courier)[0] == 200
    ended = call(fast.base, f"GET /v1/trips/{started['trip']}", token=courier)[1]
    assert (ended["status"], ended["settled"]) == ("finished", None)
    buffered = [p for p in pings if p not in sent]
    return {"id": started["trip"], "courier": courier, "buffered": buffered, "count": len(pings)}


def told(fast, trip):
    return call(fast.base, f"GET /v1/trips/{trip['id']}", token=trip["courier"])[1]


def test_a_finished_trip_is_settled_after_the_grace_time(fast, dynamodb, trip) -> None:
    ended = until(lambda: (found := told(fast, trip))["settled"] and found, 30)
    assert ended["status"] == "settled"
    record = ended["settled"]
    assert record["revision"] == 1
    assert record["settled_at"] - ended["finished_at"] >= GRACE_S
    assert record["distance_m"] == pytest.approx(580 * 20 * METRES, rel=0.03)
    assert record["average_mps"] == pytest.approx(20 * METRES, rel=0.05)
    assert record["on_time"] is True
    assert record["quality"]["pings"] == trip["count"] - len(trip["buffered"])
    assert record["quality"]["longest_gap_s"] == 200
    # Its position goes with the next sweep of what has expired.
    key = {"courier": {"S": "demo/late-rider"}}
    item = dynamodb.get_item(TableName=table(dynamodb, "LiveTable"), Key=key).get("Item")
    assert item is None or ("tail" not in item and float(item["ttl"]["N"]) <= ended["finished_at"] + 900)


def test_what_was_buffered_offline_settles_the_trip_again(fast, dynamodb, trip) -> None:
    until(lambda: told(fast, trip)["settled"], 30)
    assert call(fast.base, "POST /v1/uploads", {"pings": trip["buffered"]}, trip["courier"])[0] == 200
    track = f"GET /v1/trips/{trip['id']}/track"
    until(lambda: len(call(fast.base, track, token=trip["courier"])[1]["pings"]) == trip["count"])
    assert DynamoTrips(dynamodb, table(dynamodb, "TripsTable")).mark_late(trip["id"])
    again = until(lambda: (s := told(fast, trip)["settled"])["revision"] == 2 and s, 30)
    assert again["quality"]["pings"] == trip["count"]
    assert again["quality"]["longest_gap_s"] == 10


def test_a_track_comes_by_pages_and_in_every_format(fast, trip) -> None:
    until(lambda: told(fast, trip)["settled"], 30)
    track, found, after = f"/v1/trips/{trip['id']}/track", [], ""
    while after is not None:
        page = call(fast.base, f"GET {track}?limit=25{after and f'&after={after}'}", token=trip["courier"])[1]
        found += page["pings"]
        after = page["next"]
    assert len(found) >= trip["count"] - len(trip["buffered"])

    def file(form: str) -> tuple[str, str]:
        status, headers, body = fetch(f"{fast.base}{track}?format={form}", trip["courier"])
        assert status == 200
        return headers["content-type"], body.decode()

    kind, text = file("gpx")
    assert kind == "application/gpx+xml"
    assert len(gpxpy.parse(text).tracks[0].segments[0].points) == len(found)
    kind, text = file("geojson")
    assert kind == "application/geo+json"
    assert len(json.loads(text)["features"]) == len(found)
    kind, text = file("csv")
    assert kind == "text/csv"
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [float(row["t_unix"]) for row in rows] == [ping["t"] for ping in found]


@pytest.fixture(scope="module")
def fast_rider(fast, trip, clock):
    """Somebody with a running trip of 4,000 s."""
    admin = fast.token("admin")
    courier = signed_in(fast.base, admin, "busy-rider")
    bonus = {"amount": "1", "currency": "CNY"}
    task = {"route": told(fast, trip)["route"], "bonus": bonus, "deadline": clock() + 7200}
    task = call(fast.base, "POST /v1/tasks", task, admin)[1]["task"]
    assert call(fast.base, f"POST /v1/tasks/{task}/claim", {}, courier)[0] == 200
    began = round(clock()) - 4_100
    status, started = call(fast.base, f"POST /v1/tasks/{task}/start", {"at": began}, courier)
    assert status == 201
    return {"trip": started["trip"], "courier": courier, "began": began}


def test_a_large_file_is_fetched_from_the_bucket(fast, fast_rider) -> None:
    """Over 4 MB: forty thousand pings of a phone that recorded ten a second."""
    began, courier = fast_rider["began"], fast_rider["courier"]
    for first in range(0, 40_000, 2_000):
        pings = [
            {"t": began + i / 10, "lat": 31.2304, "lon": round(121.47 + i * 4e-7, 6), "accuracy_m": 5}
            for i in range(first, first + 2_000)
        ]
        assert call(fast.base, "POST /v1/uploads", {"pings": pings}, courier)[0] == 200
    track = f"{fast.base}/v1/trips/{fast_rider['trip']}/track?format="
    until(lambda: fetch(track + "csv", courier)[2].count(b"\n") == 40_001, 60)
    status, headers, _ = fetch(track + "geojson", courier)
    assert status == 303
    status, headers, body = fetch(headers["location"])
    assert (status, headers["content-type"]) == (200, "application/geo+json")
    assert len(json.loads(body)["features"]) == 40_000


def test_replay_keeps_the_stacks_time(fast, tmp_path, capsys) -> None:
    """Five minutes ridden in five seconds, none of them in the future."""
    ledger, route = tmp_path / "truth.jsonl", tmp_path / "settle-replay.geojson"
    route.write_text(json.dumps(LINE))
    began = time.monotonic()
    try:
        code = main([
            "replay", "--base", fast.base, "--couriers", "2", "--duration", "5m", "--route", str(route),
            "--ledger", str(ledger),
        ])  # fmt: skip
    finally:
        use(Course())
    assert code == 0, capsys.readouterr().out
    assert 4 < time.monotonic() - began < 40
    truth = Ledger.load(ledger)
    for courier in truth.couriers():
        assert truth.acknowledged(courier) == set(truth.pings_of(courier))
