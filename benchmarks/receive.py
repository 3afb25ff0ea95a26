"""What one upload costs in receive: CPU of the real handler, from the event to the answer, in parts.

botocore is the real one, up to and including the wire: what answers on 127.0.0.1 is a process of its own. The
peer is bare boto3 that puts the same bytes.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import boto3
import orjson
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from benchmarks.figures import line
from benchmarks.responder import PUT_RECORDS, responder
from cli.replay.formats import Format
from cli.replay.options import FORMATS
from cli.replay.simulator import Made
from ingest import own
from ingest.receive import handler as receive
from ingest.receive.known import KnownDevices
from ingest.receive.receive import Receiver
from ingest.receive.wiring import Wiring
from ingest.sent import sent
from storage.aws import client
from storage.devices import Device, key_hash
from storage.objects import S3Quarantine
from storage.stream import KinesisStream
from telemetry.api import Request, answer, read_json, reply
from telemetry.clock import now_s
from telemetry.upload import Upload
from tests import events
from tests.fakes import FakeDevices, no_limits

PINGS = 6
ROUNDS, RUNS = 7, 300
KEY = "dk_" + "a" * 32
ACCOUNT = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "ASIA" + "A" * 16,
    "AWS_SECRET_ACCESS_KEY": "s" * 40,
    "AWS_SESSION_TOKEN": "t" * 900,  # about as long as a function's
}
Step = Callable[[], object]


def run() -> None:
    with responder() as address, patch.dict(os.environ, ACCOUNT | {"AWS_ENDPOINT_URL": address}):
        kinesis = client("kinesis")
        device = Device(key_hash(KEY), "demo", "wang", "dv_1", "phone", 0)
        known = KnownDevices(FakeDevices(**{KEY: device}).find, now_s)
        receiver = Receiver(KinesisStream(kinesis, "uploads"), S3Quarantine(client("s3"), "data"), now_s)
        with patch.object(receive, "wire", lambda _: Wiring(receiver, known, no_limits())):
            _apps(_record(receiver))
            _parts(receiver, kinesis)


def _apps(record: dict[str, Any]) -> None:
    steps: dict[str, Step] = {"bare boto3": _put(boto3.client("kinesis"), record)}
    counts = {}
    for name, form in FORMATS.items():
        counts[name] = min(PINGS, form.most)
        event = _event(form(), made(counts[name]))
        steps[name] = lambda event=event: _taken(event)
    bad = _event(FORMATS["own"](), [*made(PINGS - 1), made(1)[0]._replace(lat=95.0)])
    steps["own, one of them bad"], counts["own, one of them bad"] = lambda: _taken(bad), PINGS
    spent = measure(steps)
    bare = spent.pop("bare boto3")
    line("receive: CPU of one upload", "pings", "all", "a ping", "to bare boto3")
    line("bare boto3 put_records", "", f"{bare * 1e3:.2f} ms", "", "1.00 x")
    for name, took in spent.items():
        each = f"{took / counts[name] * 1e3:.2f} ms"
        line(name, f"{counts[name]}", f"{took * 1e3:.2f} ms", each, f"{took / bare:.2f} x")


def _parts(receiver: Receiver, kinesis: Any) -> None:
    """Of our own JSON with six pings. Each runs in a loop of its own, where caches are warmer than usual."""
    event, now = _event(FORMATS["own"](), made(PINGS)), now_s()
    request, record = Request(event), _record(receiver)
    body = sent(request, receive.MAX_BODY).body
    said, (_, reading) = orjson.loads(body), own.read(orjson.loads(body), now)
    unsigned = client("kinesis", settings=Config(signature_version=UNSIGNED))
    agent = client("kinesis", settings=Config(user_agent=None))
    deaf, deaf_unsigned = client("kinesis"), client("kinesis", settings=Config(signature_version=UNSIGNED))
    for one in (deaf, deaf_unsigned):
        one._endpoint.http_session.send = _no_wire  # noqa: SLF001 - the lowest seam
    parser = kinesis._endpoint._response_parser_factory.create_parser("json")  # noqa: SLF001
    shape = kinesis.meta.service_model.operation_model("PutRecords").output_shape
    answered = {"status_code": 200, "headers": {}, "body": PUT_RECORDS}

    @receive.log.inject_lambda_context
    def frame(event: dict[str, Any], _context: Any) -> object:
        return answer(lambda _: reply(200, {"accepted": PINGS, "rejected": []}), event, receive.log)

    steps: dict[str, Step] = {
        "all": lambda: _taken(event),
        "event, Powertools, answer": lambda: frame(event, events.CONTEXT),
        "who it is": lambda: request.caller().require("courier"),
        "body, JSON": lambda: read_json(sent(request, receive.MAX_BODY).body),
        "pings": lambda: own.read(said, now),
        "record": lambda: Upload("demo", "wang", "app", 1, tuple(sorted(reading.pings))).to_bytes(),
        "PutRecords": _put(kinesis, record),
        "unsigned": _put(unsigned, record),
        "deaf": _put(deaf, record),
        "deaf, unsigned": _put(deaf_unsigned, record),
        "parse": lambda: parser.parse(answered, shape),
        "agent": _put(agent, record),
    }
    spent = measure(steps)
    whole = spent["all"]
    sign = spent["deaf"] - spent["deaf, unsigned"]
    wire = spent["PutRecords"] - spent["deaf"]
    parts = {name: spent[name] for name in list(steps)[1:6]} | {
        "botocore: the call, serialised": spent["deaf"] - sign - spent["parse"],
        "botocore: signed": sign,
        "botocore, urllib3: over the wire": wire,
        "botocore: the answer parsed": spent["parse"],
    }
    print()
    line("receive: parts of our own JSON, six pings", "CPU", "share")
    for name, took in parts.items():
        line(name, f"{took * 1e6:.0f} µs", f"{took / whole:.0%}")
    rest = whole - sum(parts.values())
    line("what a loop of its own hides", f"{rest * 1e6:.0f} µs", f"{rest / whole:.0%}")
    line("all", f"{whole * 1e6:.0f} µs", "100%")
    before = whole + spent["agent"] - spent["PutRecords"]
    line("all, were the user agent botocore's own", f"{before * 1e6:.0f} µs", f"{before / whole:.0%}")


def measure(steps: dict[str, Step]) -> dict[str, float]:
    """CPU of each [s]: the median of rounds in which they take turns."""
    found: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        for _ in range(20):
            step()
    for _ in range(ROUNDS):
        for name, step in steps.items():
            began = time.process_time()
            for _ in range(RUNS):
                step()
            found[name].append((time.process_time() - began) / RUNS)
    return {name: median(times) for name, times in found.items()}


def made(count: int) -> list[Made]:
    now_ms = round(now_s()) * 1000
    return [
        Made(now_ms - 10_000 * (count - i), 31.230416 - i * 15e-6, 121.473701 + i * 45e-5, 6.5, 4.3, 93.0)
        for i in range(count)
    ]


def _event(form: Format, pings: list[Made]) -> dict[str, Any]:
    """As the HTTP API makes it: what is not JSON comes in base64."""
    out = form.encode("https://example.com", "app", KEY, pings)
    app = urlsplit(out.url).path.rpartition("/")[2]
    route = f"{out.method} /v1/devices/{{key}}/{app}" if form.uses_key else f"{out.method} /v1/uploads"
    event = events.signed_in(events.http(route), "courier")
    event |= {"rawQueryString": urlsplit(out.url).query, "pathParameters": {"key": KEY}}
    event["headers"] |= out.headers
    text = out.body or b""
    plain = "json" in out.headers.get("content-type", "json")
    return event | {
        "body": text.decode() if plain else base64.b64encode(text).decode(),
        "isBase64Encoded": not plain,
    }


def _taken(event: dict[str, Any]) -> None:
    said = receive.handler(event, events.CONTEXT)
    assert said["statusCode"] == 200, said  # noqa: S101 - what fails measures nothing


def _record(receiver: Receiver) -> dict[str, Any]:
    """What an upload of six pings puts into the stream."""
    _, reading = own.read(orjson.loads(_event(FORMATS["own"](), made(PINGS))["body"]), now_s())
    upload = Upload("demo", "wang", "app", round(receiver.clock() * 1000), tuple(reading.pings))
    return {"Data": upload.to_bytes(), "PartitionKey": upload.key}


def _put(kinesis: Any, record: dict[str, Any]) -> Step:
    return lambda: kinesis.put_records(StreamName="uploads", Records=[record])


class _Raw:
    def stream(self, **_: object) -> list[bytes]:
        return [PUT_RECORDS]


def _no_wire(request: Any) -> AWSResponse:
    return AWSResponse(request.url, 200, {"content-length": str(len(PUT_RECORDS))}, _Raw())
