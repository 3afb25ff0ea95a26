"""Uploads in: what is taken, what is refused with which words, and what is durable before the answer."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime

import pytest

from ingest.receive import handler as receive
from ingest.receive.known import KEPT_S, KnownDevices
from ingest.receive.receive import Receiver
from ingest.receive.wiring import Wiring
from storage.devices import Device, key_hash
from storage.objects import NotKept
from storage.stream import StreamRefused
from telemetry.clock import now_s
from tests import events
from tests.events import CONTEXT
from tests.fakes import FakeDevices, FakeQuarantine, FakeStream, no_limits

KEY = "dk_" + "a" * 32
DEVICE = Device(key_hash(KEY), "demo", "wang", "dv_1", "phone", 0)
NOW = now_s()


@pytest.fixture
def wired(monkeypatch):
    stream, quarantine = FakeStream(), FakeQuarantine()
    known = KnownDevices(FakeDevices(**{KEY: DEVICE}).find, now_s)
    wiring = Wiring(Receiver(stream, quarantine, now_s), known, no_limits())
    monkeypatch.setattr(receive, "wire", lambda _log: wiring)
    return wiring


def upload(body: object, role: str = "courier", **claims):
    text = body if isinstance(body, str) else json.dumps(body)
    event = events.signed_in(events.http("POST /v1/uploads", text), role, **claims)
    response = receive.handler(event, CONTEXT)
    return response["statusCode"], json.loads(response["body"])


def ping(**changes):
    return {"t": NOW, "lat": 31.230416, "lon": 121.473701} | changes


def test_good_pings_reach_the_stream_in_order_of_time(wired) -> None:
    status, body = upload(
        {"pings": [ping(), ping(t=NOW - 10, accuracy_m=7, speed_mps=4.04, heading_deg=359.9)]}
    )
    assert (status, body) == (200, {"accepted": 2, "rejected": []})
    (sent,) = wired.receiver.stream.uploads
    assert (sent.key, sent.device) == ("demo/wang", "app")
    assert [p.t_ms for p in sent.pings] == [round(NOW * 1000) - 10_000, round(NOW * 1000)]
    assert sent.pings[0][3:] == (70, 40, 0, 0)
    assert sent.pings[1][3:] == (-1, -1, -1, 0)


BAD = [
    ({"lat": 91}, "lat", "outside"),
    ({"lon": -180.5}, "lon", "outside"),
    ({"lat": "31.2"}, "lat", "a string"),
    ({"lat": None}, "lat", "missing"),
    ({"lat": True}, "lat", "true or false"),
    ({"lat": 0, "lon": 0}, "lat", "without a fix"),
    ({"t": 0}, "t", "days old"),
    ({"t": 4_102_444_800}, "t", "future"),
    ({"t": NOW + 3600}, "t", "future"),
    ({"accuracy_m": [7]}, "accuracy_m", "a list"),
    ({"heading_deg": "north"}, "heading_deg", "a string"),
    ({"mock": "yes"}, "mock", "a string"),
]


@pytest.mark.parametrize(("changes", "field", "words"), BAD)
def test_a_bad_ping_is_named_and_kept_while_the_good_one_is_taken(wired, changes, field, words) -> None:
    bad = ping(**changes)
    status, body = upload({"pings": [ping(), bad]})
    assert (status, body["accepted"]) == (200, 1)
    (rejected,) = body["rejected"]
    assert (rejected["index"], rejected["field"]) == (1, field)
    assert words in rejected["reason"]
    ((owner, kept),) = wired.receiver.quarantine.kept.values()
    assert owner == "demo/wang"
    assert json.loads(kept.original) == bad


def test_an_upload_without_a_good_ping_is_a_problem_and_kept(wired) -> None:
    status, body = upload({"pings": [ping(lat=91), 7]})
    assert status == 400
    assert [e["field"] for e in body["errors"]] == ["pings[0].lat", "pings[1]"]
    assert [r["index"] for r in body["rejected"]] == [0, 1]
    assert len(wired.receiver.quarantine.kept) == 2
    assert wired.receiver.stream.uploads == []


FRAMES = [
    ("{", "body", "not valid JSON"),
    ('{"pings": [{"t": NaN}]}', "body", "not valid JSON"),
    ("[]", "body", "an object"),
    ("{}", "pings", "a list"),
    ('{"pings": []}', "pings", "empty"),
    ('{"pings": {}}', "pings", "a list"),
    ('{"pings": [1], "device": 7}', "device", "a name"),
    ('{"pings": [1], "device": ""}', "device", "a name"),
    ('{"pings": [' + "[" * 300 + "]" * 300 + "]}", "pings", "too deeply"),
]


@pytest.mark.parametrize(("text", "field", "words"), FRAMES)
def test_a_wrong_frame_is_a_problem_that_names_the_field(wired, text, field, words) -> None:
    status, body = upload(text)
    assert status == 400
    assert body["errors"][0]["field"] == field
    assert words in body["detail"]


def test_too_many_pings_and_too_large_a_body_are_413(wired) -> None:
    assert upload({"pings": [ping()] * 2001})[0] == 413
    assert upload('{"pings": [' + " " * 1_000_001)[0] == 413


def test_only_couriers_upload_and_only_while_their_token_lives(wired) -> None:
    assert upload({"pings": [ping()]}, role="manager")[0] == 403
    assert upload({"pings": [ping()]}, exp=NOW - 1)[0] == 401
    event = events.http("POST /v1/uploads", "{}")
    event["requestContext"]["authorizer"] = {"lambda": {"problem": "token-expired"}}
    response = receive.handler(event, CONTEXT)
    assert response["statusCode"] == 401
    assert response["headers"]["content-type"] == "application/problem+json"
    assert "sign in again" in json.loads(response["body"])["detail"]


@pytest.mark.parametrize("broken", ["stream", "quarantine"])
def test_what_is_not_durable_is_not_acknowledged(wired, broken) -> None:
    error = StreamRefused("throttled") if broken == "stream" else NotKept("down")
    getattr(wired.receiver, broken).error = error
    status, body = upload({"pings": [ping(), ping(lat=91)]})
    assert status == 503
    assert "again" in body["detail"]


def post_overland(body: bytes, key: str = KEY):
    event = events.http("POST /v1/devices/{key}/overland", base64.b64encode(body).decode())
    event |= {"isBase64Encoded": True, "pathParameters": {"key": key}}
    response = receive.handler(event, CONTEXT)
    return response["statusCode"], json.loads(response["body"])


def feature(timestamp: str, lon: object = 121.473701, lat: object = 31.230416, **said):
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {"timestamp": timestamp, "speed": 4, "course": 93, "horizontal_accuracy": 7} | said,
    }


def iso(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_body_of_any_bytes_is_kept_as_it_came(wired) -> None:
    body = b'{"locations": [\xff\xfe\x00'
    assert post_overland(body) == (200, {"result": "ok"})
    ((owner, kept),) = wired.receiver.quarantine.kept.values()
    assert (owner, kept.original, kept.source) == ("demo/wang", body, "overland-body/dv_1")
    assert abs(kept.received_ms - NOW * 1000) < 3_600_000


def test_overland_takes_the_good_and_keeps_the_bad(wired) -> None:
    points = [feature(iso(NOW)), feature(iso(NOW - 10), lat=91), feature("yesterday"), "nonsense"]
    assert post_overland(json.dumps({"locations": points}).encode()) == (200, {"result": "ok"})
    (sent,) = wired.receiver.stream.uploads
    assert (sent.courier, sent.device) == ("wang", "dv_1")
    assert sent.pings[0][1:] == (31_230_416, 121_473_701, 70, 40, 93, 0)
    assert len(wired.receiver.quarantine.kept) == 3


DEEP = b"[" * 300 + b"]" * 300


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[]", b'{"locations": 3}', b'{"locations": [' + DEEP + b"]}"]
)
def test_overland_answers_ok_to_what_is_no_batch_and_keeps_it(wired, body) -> None:
    assert post_overland(body) == (200, {"result": "ok"})
    assert len(wired.receiver.quarantine.kept) == 1


def test_overland_unknown_speed_and_current_during_a_backlog(wired) -> None:
    body = {"locations": [feature(iso(NOW - 60), speed=-1, course=-1)], "current": feature(iso(NOW))}
    assert post_overland(json.dumps(body).encode())[0] == 200
    (sent,) = wired.receiver.stream.uploads
    assert [p.speed_dmps for p in sent.pings] == [-1, 40]


def test_an_unknown_device_key_is_401(wired) -> None:
    status, body = post_overland(b'{"locations": []}', key="dk_unknown")
    assert status == 401
    assert "admin" in body["detail"]


def app_event(route: str, body: bytes = b"", query: str = "", **headers: str):
    event = events.http(route, base64.b64encode(body).decode(), rawQueryString=query)
    event |= {"isBase64Encoded": True, "pathParameters": {"key": KEY}}
    event["headers"] |= headers
    return event


FIX = f"lat=31.230416&lon=121.473701&timestamp={round(NOW)}"
REQUESTS = [
    ("POST /v1/devices/{key}/traccar", b"", f"id=1&{FIX}&speed=8.42", "{}"),
    ("POST /v1/devices/{key}/traccar", f"id=1&{FIX}&speed=8.42".encode(), "", "{}"),
    ("GET /v1/devices/{key}/gpslogger", b"", f"{FIX}&spd=4.33", "{}"),
    ("POST /v1/devices/{key}/gpslogger", f"{FIX}&spd=4.33".encode(), "", "{}"),
    (
        "POST /v1/devices/{key}/owntracks",
        b'{"_type":"location","lat":31.230416,"lon":121.473701,"vel":15.5,"tst":%d}' % round(NOW),
        "",
        "[]",
    ),
    (
        "POST /v1/devices/{key}/background-geolocation",
        b'{"location":{"timestamp":%d,"coords":{"latitude":31.230416,"longitude":121.473701,"speed":4.33}}}'
        % round(NOW * 1000),
        "",
        "{}",
    ),
]


@pytest.mark.parametrize(("route", "body", "query", "answer"), REQUESTS, ids=range(len(REQUESTS)))
@pytest.mark.parametrize("zipped", [False, True])
def test_every_app_s_ping_reaches_the_stream(wired, route, body, query, answer, zipped) -> None:
    headers = {"content-encoding": "gzip"} if zipped else {}
    event = app_event(route, gzip.compress(body) if zipped else body, query, **headers)
    response = receive.handler(event, CONTEXT)
    assert (response["statusCode"], response["body"]) == (200, answer)
    (sent,) = wired.receiver.stream.uploads
    assert (sent.key, sent.device) == ("demo/wang", "dv_1")
    assert sent.pings[0][1:5] == (31_230_416, 121_473_701, -1, 43)


def test_what_gzip_hides_is_limited_and_nothing_of_it_is_kept(wired) -> None:
    bomb = gzip.compress(bytes(7_000_000))
    assert len(bomb) < 10_000
    for body, status in ((bomb, 413), (b"no gzip", 400)):
        for route in ("POST /v1/devices/{key}/overland", "POST /v1/uploads"):
            event = events.signed_in(app_event(route, body, **{"content-encoding": "gzip"}), "courier")
            response = receive.handler(event, CONTEXT)
            assert response["statusCode"] == status
            assert response["headers"]["content-type"] == "application/problem+json"
    assert wired.receiver.stream.uploads == []
    assert wired.receiver.quarantine.kept == {}


def test_a_device_key_is_looked_up_once_a_minute_and_a_revoked_one_ends() -> None:
    time, asked = [0.0], []

    def look_up(key: str):
        asked.append(key)
        return DEVICE if len(asked) == 1 else None

    known = KnownDevices(look_up, lambda: time[0])
    assert known.find(KEY) is known.find(KEY) is DEVICE
    time[0] = KEPT_S
    assert known.find(KEY) is None
    assert len(asked) == 2
