"""`milepost redrive` against the real stack: what fails there is kept with its bytes, and comes back once."""

from __future__ import annotations

import base64
import json
import time
from types import SimpleNamespace

import pytest

from cli import run_state
from cli.main import main
from cli.site import laptop
from telemetry.ping import Ping
from telemetry.upload import Upload
from tests.local.api import call, signed_in
from tests.local.test_whole_flow import LINE, until

RIDER = "redrive-rider"


@pytest.fixture(scope="module")
def world(running):
    """A courier on a trip that began five minutes ago, and the stack's own AWS."""
    base, admin = running.base, running.token("admin")
    courier = signed_in(base, admin, RIDER)
    _, route = call(base, "POST /v1/routes", {"id": "redrive", "line": LINE}, admin)
    task = {"route": route["route"], "bonus": {"amount": "1.00", "currency": "CNY"}}
    _, task = call(base, "POST /v1/tasks", task | {"deadline": time.time() + 3600}, admin)
    assert call(base, f"POST /v1/tasks/{task['task']}/claim", {}, courier)[0] == 200
    began = round(time.time()) - 300
    assert call(base, f"POST /v1/tasks/{task['task']}/start", {"at": began}, courier)[0] == 201
    port = int(base.rpartition(":")[2])
    site = laptop(run_state.read(port))
    return SimpleNamespace(
        base=base, port=port, courier=courier, manager=running.token("manager"), began=began, site=site
    )


@pytest.fixture
def redrive(world, capsys, monkeypatch):
    monkeypatch.setenv("PORT", str(world.port))

    def run(*argv: str) -> list[str]:
        assert main(["redrive", *argv]) == 0
        return capsys.readouterr().out.splitlines()

    return run


@pytest.fixture
def found(redrive):
    def look(*argv: str) -> dict:
        return json.loads(until(lambda: redrive("list", "--json", *argv))[0])

    return look


def row(world) -> dict:
    _, fleet = call(world.base, "GET /v1/fleet", token=world.manager)
    return next(c for c in fleet["couriers"] if c["courier"] == RIDER)


def send(world, second: float, lon: float) -> None:
    body = {"pings": [{"t": world.began + second, "lat": 31.2304, "lon": lon}]}
    assert call(world.base, "POST /v1/uploads", body, world.courier)[0] == 200


def test_what_track_cannot_process_comes_back_when_its_cause_is_gone(world, redrive, found) -> None:
    send(world, 10, 121.4710)
    until(lambda: row(world)["lon"] == 121.471)
    dynamodb, table = world.site.client("dynamodb"), world.site.name("live-table")
    key = {"courier": {"S": f"demo/{RIDER}"}}
    good = dynamodb.get_item(TableName=table, Key=key)["Item"]
    dynamodb.put_item(TableName=table, Item=good | {"progress": {"B": b"?"}})
    send(world, 20, 121.4720)

    kept = found("--fleet", "demo", "--kind", "quarantine")
    assert (kept["owners"], kept["source"], kept["count"]) == ([f"demo/{RIDER}"], "stream", 1)
    (shown,) = map(json.loads, redrive("show", kept["id"], "--json"))
    upload = Upload.from_bytes(base64.b64decode(shown["rejected"][0]["base64"]))
    assert (upload.courier, upload.pings[0].lon_e6) == (RIDER, 121_472_000)

    # As long as the cause is there, a replay ends where it began: the object waits again.
    assert redrive("replay", kept["id"])[-1] == "1 record of 1 object replayed, 0 stay"
    assert found("--fleet", "demo", "--kind", "quarantine")["key"] == kept["key"]

    dynamodb.put_item(TableName=table, Item=good)
    assert redrive("replay", "--all", "--fleet", "demo")[-1] == "1 record of 1 object replayed, 0 stay"
    moved = until(lambda: (now := row(world))["lon"] == 121.472 and now)
    assert redrive("list", "--fleet", "demo") == ["Nothing waits."]
    assert redrive("replay", kept["id"])[-1] == "1 record of 1 object replayed, 0 stay"
    send(world, 30, 121.4730)  # behind the replayed record on its shard
    after = until(lambda: (now := row(world))["lon"] == 121.473 and now)
    assert after["version"] == moved["version"] + 1


def give_up(world, stream: str, start: str, end: str) -> None:
    """Say to the queue what Lambda says of a batch that it gave up."""
    message = {
        "requestContext": {
            "functionArn": "arn:aws:lambda:x:ProcessorsTrack",
            "condition": "RecordAgeExceeded",
        },
        "timestamp": "2026-11-24T04:00:00.000Z",
        "KinesisBatchInfo": {
            "shardId": "shardId-000000000000",
            "startSequenceNumber": start,
            "endSequenceNumber": end,
            "approximateArrivalOfFirstRecord": "2026-11-24T04:00:00.000Z",
            "approximateArrivalOfLastRecord": "2026-11-24T04:00:00.000Z",
            "batchSize": 2,
            "streamArn": f"arn:aws:kinesis:us-east-1:000000000000:stream/{stream}",
        },
    }
    sqs = world.site.client("sqs")
    url = next(url for url in sqs.list_queues()["QueueUrls"] if url.endswith("FailedRecordsQueue"))
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(message))


def test_given_up_records_are_copied_and_come_back_once(world, redrive, found) -> None:
    """They are in a stream that nothing processes, as records that were given up are in effect."""
    kinesis = world.site.client("kinesis")
    kinesis.create_stream(StreamName="spare", ShardCount=1)
    until(
        lambda: (
            kinesis.describe_stream_summary(StreamName="spare")["StreamDescriptionSummary"]["StreamStatus"]
            == "ACTIVE"
        )
    )
    t_ms = (world.began + 40) * 1000
    ping = Ping(t_ms, 31_230_400, 121_474_000)
    upload = Upload("demo", RIDER, "app", t_ms + 100, (ping,))
    sent = kinesis.put_records(
        StreamName="spare",
        Records=[
            {"Data": upload.to_bytes(), "PartitionKey": upload.key},
            {"Data": b"\x09\xff", "PartitionKey": "x"},
        ],
    )["Records"]
    first, last = (record["SequenceNumber"] for record in sent)
    for _ in range(2):
        give_up(world, "spare", first, last)

    kept = found("--kind", "failed")
    assert (kept["count"], kept["reasons"]) == (2, ["RecordAgeExceeded"])
    assert kept["key"] == f"failed/spare/shardId-000000000000/{first}-{last}.json"
    (shown,) = map(json.loads, redrive("show", kept["id"], "--json"))
    assert [base64.b64decode(r["base64"]) for r in shown["records"]] == [upload.to_bytes(), b"\x09\xff"]
    assert [r["partition_key"] for r in shown["records"]] == [upload.key, "x"]

    assert redrive("replay", kept["id"])[-1] == "2 records of 1 object replayed, 0 stay"
    moved = until(lambda: (now := row(world))["lon"] == 121.474 and now)
    assert redrive("list", "--kind", "failed") == ["Nothing waits."]
    poison = found("--kind", "quarantine", "--reason", "format 09")
    assert redrive("replay", poison["id"])[-1] == "0 records of 0 objects replayed, 1 stays"
    assert redrive("replay", kept["id"])[-1] == "2 records of 1 object replayed, 0 stay"
    send(world, 50, 121.4750)
    after = until(lambda: (now := row(world))["lon"] == 121.475 and now)
    assert after["version"] == moved["version"] + 1


def test_given_up_records_that_are_gone_are_told(world, redrive, found) -> None:
    give_up(world, "never-was", "1", "2")
    kept = found("--kind", "lost")
    assert kept["reasons"] == ["expired in the stream before it was copied, after RecordAgeExceeded"]
    assert redrive("replay", kept["id"])[-1] == "0 records of 0 objects replayed, 2 stay"
