"""Bulk uploads: what each line comes to, in which words, and what is durable before the answer."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import replace

import pytest

from cli.redrive.again import again
from ingest.bulk import handler as bulk
from ingest.bulk import request
from ingest.bulk.take import Taker
from ingest.bulk.wiring import Wiring
from storage.aggregation import take_apart
from storage.bulk_files import PUT_S, Summary
from storage.objects import NotKept
from storage.stream import StreamRefused
from telemetry.api import Request
from telemetry.clock import now_s
from telemetry.names import new_id
from telemetry.problem import TooMany
from telemetry.upload import Upload
from tests import events
from tests.events import CONTEXT
from tests.fakes import FakeBulkFiles, FakeQuarantine, FakeStream
from tests.schemas import check, contents, operations

ROUTE = "POST /v1/uploads/bulk"
NOW = now_s()
LAMBDA_ANSWER = 6_291_556
"""Bytes. Source: AWS Lambda quotas, payload of a synchronous invocation (6 MB)."""


@pytest.fixture
def wired(monkeypatch):
    wiring = Wiring(Taker(FakeStream(), FakeQuarantine()), FakeBulkFiles())
    monkeypatch.setattr(bulk, "wire", lambda: wiring)
    return wiring


def ping(**changes):
    return {"t": NOW, "lat": 31.230416, "lon": 121.473701} | changes


def row(courier="mei", *pings, **more):
    return json.dumps({"courier": courier, "pings": [*pings] or [ping()]} | more)


def send(*lines, encoding=None, role="gateway"):
    body = "\n".join(lines).encode()
    body = gzip.compress(body) if encoding else body
    event = events.http(ROUTE, base64.b64encode(body).decode()) | {"isBase64Encoded": True}
    event["headers"] |= {"content-encoding": encoding} if encoding else {}
    response = bulk.handler(events.signed_in(event, role), CONTEXT)
    said = json.loads(response["body"])
    api, operation = operations()[ROUTE]
    kinds = contents(api, operation["responses"][str(response["statusCode"])])
    check(api, kinds[response["headers"]["content-type"]]["schema"], said)
    return response["statusCode"], said


def taken(wired):
    return [Upload.from_bytes(part) for r in wired.taker.stream.records for part in take_apart(r.data)]


def test_every_line_s_pings_reach_the_stream_under_their_couriers(wired) -> None:
    status, said = send(row("mei", ping(), ping(t=NOW - 10)), "", row("li", ping(), device="dv_1") + "\r")
    assert (status, said["accepted"], said["rejected"]) == (200, 3, 0)
    assert said["lines"] == [
        {"line": 1, "accepted": 2, "rejected": []},
        {"line": 3, "accepted": 1, "rejected": []},
    ]
    mei, li = sorted(taken(wired), key=lambda u: u.courier, reverse=True)
    assert (mei.key, mei.device, li.key, li.device) == ("demo/mei", "app", "demo/li", "dv_1")
    assert [p.t_ms for p in mei.pings] == [round(NOW * 1000) - 10_000, round(NOW * 1000)]
    assert abs(mei.received_ms - NOW * 1000) < 60_000


def test_a_line_s_battery_travels_with_its_pings(wired) -> None:
    assert send(row("mei", battery_percent=81), row("li"))[0] == 200
    assert {upload.courier: upload.battery for upload in taken(wired)} == {"mei": 81, "li": None}


def test_many_couriers_are_few_records(wired) -> None:
    assert send(*(row(f"c-{i}") for i in range(2_000)))[0] == 200
    assert len(taken(wired)) == 2_000
    assert len(wired.taker.stream.records) <= 128


WRONG = [
    ("{", "", "not JSON"),
    ("7", "body", "an object"),
    ('{"pings": [1]}', "courier", "is expected"),
    (row("Mei Lin"), "courier", "is expected"),
    (row("mei/x"), "courier", "is expected"),
    (json.dumps({"courier": 7, "pings": [1]}), "courier", "is expected"),
    (json.dumps({"courier": "mei"}), "pings", "a list"),
    (json.dumps({"courier": "mei", "pings": []}), "pings", "empty"),
    (json.dumps({"courier": "mei", "pings": [1] * 2001}), "pings", "the limit is 2000"),
    (json.dumps({"courier": "mei", "pings": [1], "device": 7}), "device", "a name"),
    (" " * 1_000_001 + row(), "", "over 1000000 bytes"),
]


@pytest.mark.parametrize(("line", "field", "words"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_line_is_named_and_kept_and_its_neighbours_are_taken(wired, line, field, words) -> None:
    status, said = send(row("li"), line, row("wang"))
    assert (status, said["accepted"], said["rejected"]) == (200, 2, 1)
    (told,) = said["lines"][1]["rejected"]
    assert told["field"] == field
    assert words in told["reason"]
    assert "index" not in told
    ((owner, kept),) = wired.taker.quarantine.kept.values()
    assert (owner, kept.form, kept.original) == ("demo/_bulk", "bulk", line.encode())


def test_a_bad_ping_is_named_and_kept_with_whose_it_is(wired) -> None:
    bad = ping(lat=91)
    status, said = send(row("mei", ping(), bad, device="dv_1"))
    assert status == 200
    assert said["lines"] == [
        {
            "line": 1,
            "accepted": 1,
            "rejected": [{"index": 1, "field": "lat", "reason": "91.0 is outside -90 to 90 degrees"}],
        }
    ]
    ((_, kept),) = wired.taker.quarantine.kept.values()
    assert json.loads(kept.original) == {"courier": "mei", "device": "dv_1", "pings": [bad]}


def test_what_was_refused_goes_back_under_its_courier_once_it_can_be_read(wired) -> None:
    send(row("mei", ping(lat=91), device="dv_1"), row("Mei Lin"), row("li"))
    entries = [kept for _, kept in wired.taker.quarantine.kept.values()]
    records, left = again("demo/_bulk", entries)
    assert records == []
    assert [(r.original, r.source) for r in left] == [(e.original, e.source) for e in entries]
    mends = ((b"91", b"31"), (b"Mei Lin", b"lin"))
    mended = [replace(e, original=e.original.replace(*mends[0]).replace(*mends[1])) for e in entries]
    records, left = again("demo/_bulk", mended)
    assert left == []
    uploads = [Upload.from_bytes(r.data) for r in records]
    assert {(u.key, u.device) for u in uploads} == {("demo/mei", "dv_1"), ("demo/lin", "app")}


def test_without_a_good_ping_it_is_a_problem_with_the_reasons(wired) -> None:
    status, said = send(row("mei", ping(lat=91)), "{")
    assert status == 400
    assert [len(line["rejected"]) for line in said["lines"]] == [1, 1]
    assert wired.taker.stream.records == []
    assert len(wired.taker.quarantine.kept) == 2


def test_an_empty_body_is_a_problem(wired) -> None:
    assert send("", " ")[0] == 400


def test_what_is_not_stored_is_not_acknowledged(wired) -> None:
    wired.taker.stream.error = StreamRefused("throttled")
    status, said = send(row())
    assert status == 503
    assert "the same body again" in said["detail"]
    wired.taker.stream.error = None
    wired.taker.quarantine.error = NotKept("S3 is away")
    assert send(row(), "{")[0] == 503
    assert wired.taker.stream.records == []


def test_limits_are_told_before_anything_is_taken(wired, monkeypatch) -> None:
    assert send("x" * (request.MAX_WIRE + 1), role="admin")[0] == 413
    assert send(" " * (request.MAX_BODY + 1), encoding="gzip")[0] == 413
    monkeypatch.setattr(request, "MAX_LINES", 3)
    assert send(*[row()] * 4)[0] == 413
    monkeypatch.setattr(request, "MAX_POINTS", 5)
    assert send(row("mei", *[ping()] * 6))[0] == 413
    assert send(row("mei", *[7] * 6))[0] == 413
    assert wired.taker.stream.records == []
    assert wired.taker.quarantine.kept == {}
    assert send(row("mei", *[ping()] * 5), encoding="gzip")[0] == 200


def test_the_largest_answer_is_within_what_lambda_lets_through(wired) -> None:
    bad = {"t": "9" * 30, "lat": 1, "lon": 1}
    each = request.MAX_POINTS // request.MAX_LINES
    lines = [json.dumps({"courier": "m", "pings": [bad] * each})] * (request.MAX_LINES - 1)
    event = events.http(ROUTE, base64.b64encode(gzip.compress("\n".join([*lines, row()]).encode())).decode())
    event["headers"] |= {"content-encoding": "gzip"}
    response = bulk.handler(events.signed_in(event | {"isBase64Encoded": True}, "gateway"), CONTEXT)
    assert response["statusCode"] == 200
    assert len(json.dumps(response)) < LAMBDA_ANSWER
    said = json.loads(response["body"])
    assert sum(len(it["rejected"]) + it.get("untold", 0) for it in said["lines"]) == said["rejected"]
    assert said["rejected"] == each * len(lines)
    assert sum(len(it["rejected"]) for it in said["lines"]) == bulk.DETAILS


def file(route: str, body=None, name="", fleet="demo"):
    event = events.http(route, None if body is None else json.dumps(body))
    event["pathParameters"] = {"file": name} if name else {}
    response = bulk.handler(events.signed_in(event, "gateway", fleet=fleet), CONTEXT)
    return response["statusCode"], json.loads(response["body"])


@pytest.mark.parametrize("size", [0, -1, 268_435_457, "7", 1.5, True, None])
def test_a_size_that_is_none_is_a_problem(wired, size) -> None:
    status, said = file("POST /v1/uploads/bulk/files", {"size": size})
    assert (status, said["errors"][0]["field"]) == (400, "size")


def test_a_file_is_known_to_its_fleet_only(wired) -> None:
    status, place = file("POST /v1/uploads/bulk/files", {"size": 7})
    assert (status, place["size"], place["method"]) == (201, 7, "PUT")
    assert place["headers"] == {"content-length": "7", "if-none-match": "*"}
    route = "GET /v1/uploads/bulk/files/{file}"
    assert file(route, name=place["file"]) == (200, {"file": place["file"], "state": "waiting"})
    assert file(route, name=place["file"], fleet="rival")[0] == 404
    for name in (new_id("bf", NOW), "../../quarantine", "bf_"):
        assert file(route, name=name)[0] == 404


def test_a_fleet_waits_for_its_own_files_and_another_one_does_not(wired) -> None:
    def place(at=NOW, fleet="demo") -> str:
        event = events.http("POST /v1/uploads/bulk/files", json.dumps({"size": 7}))
        response = bulk.place(Request(events.signed_in(event, "gateway", fleet=fleet), lambda: at))
        return json.loads(response["body"])["file"]

    first, *_ = (place() for _ in range(bulk.MOST_UNFINISHED))
    with pytest.raises(TooMany, match="10 files of the fleet") as refused:
        place()
    assert refused.value.headers == {"retry-after": "60"}
    place(fleet="rival")

    wired.files.lines["demo", first] = b"{}"
    held = wired.files.open(f"bulk/demo/{first}/lines")
    wired.files.finish(held, Summary(held.etag, 1, 0, 1, None), b"")
    place()  # one is done
    with pytest.raises(TooMany):
        place()
    place(at=NOW + PUT_S + 1)  # nobody came to the places in time
