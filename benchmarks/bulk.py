"""A million pings through the bulk handler, from the raw event to Kinesis's client and the results.

Base64, gzip, JSON, checks, packing and the answer are the real ones; Kinesis is a counter at the client.
A shard takes 1,000 records or 1 MiB a second, keys included, whichever comes first.
"""

from __future__ import annotations

import base64
import gzip
import json
import random
import time
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple
from unittest.mock import patch

import orjson

from benchmarks.codec import ride
from benchmarks.figures import line
from ingest.bulk import handler as bulk
from ingest.bulk.files.work import Worker
from ingest.bulk.request import MAX_BODY, MAX_LINES, MAX_POINTS, MAX_WIRE
from ingest.bulk.take import Taker
from ingest.bulk.wiring import Wiring
from storage.aggregation import pack
from storage.bulk_files import Summary
from storage.stream import KinesisStream
from telemetry.clock import now_s
from telemetry.ping import Ping
from telemetry.upload import Upload
from tests import events
from tests.events import CONTEXT
from tests.fakes import FakeBulkFiles, FakeQuarantine

PINGS = 1_000_000
LIMIT_S = 60.0
SHARD_RECORDS, SHARD_BYTES = 1_000, 1024 * 1024
SHAPES = ((6, False), (6, True), (60, False))
"""Pings a line, and whether the body is gzip."""
SMALL = (100, 500)
"""Lines of small requests."""


class CountingKinesis:
    """What the stream would get."""

    def __init__(self) -> None:
        self.calls = self.records = self.bytes = self.largest = 0

    def put_records(self, StreamName: str, Records: Sequence[Any]) -> Any:  # noqa: N803 - boto3's names
        assert StreamName == "uploads"  # noqa: S101
        sizes = [len(r["Data"]) + len(r["PartitionKey"]) for r in Records]
        self.calls += 1
        self.records += len(sizes)
        self.bytes += sum(sizes)
        self.largest = max(self.largest, *sizes)
        return {"FailedRecordCount": 0, "Records": [{}] * len(sizes)}


class Load(NamedTuple):
    """records, bytes [B]: that a million pings put into the stream."""

    records: int
    bytes: int

    def told(self, name: str) -> None:
        a_second = min(SHARD_RECORDS / self.records, SHARD_BYTES / self.bytes) * PINGS
        binds = "bytes" if SHARD_BYTES / self.bytes < SHARD_RECORDS / self.records else "records"
        line(f"  {name}", f"{self.bytes / PINGS:.1f} B", f"{self.records:,}", f"{a_second:,.0f}", binds)


def said(ping: Ping) -> dict[str, Any]:
    """As a gateway writes it."""
    return {
        "t": ping.t,
        "lat": ping.lat,
        "lon": ping.lon,
        "accuracy_m": ping.accuracy_dm / 10,
        "speed_mps": ping.speed_dmps / 10,
        "heading_deg": ping.heading,
    }


def lines(per_line: int) -> Iterator[tuple[str, list[Ping]]]:
    """A courier and so many pings, again and again: a fleet of 2,000 that ends within the last ten days."""
    chance = random.Random(11)  # noqa: S311 - the same every time
    rides = [ride(600, chance) for _ in range(50)]
    start = round((now_s() - 10 * 86_400) * 1000)
    for i in range(PINGS // per_line + (PINGS % per_line > 0)):
        courier, turn = i % 2_000, i // 2_000
        some = rides[courier % 50][(turn * per_line) % 540 :][:per_line]
        moved = start - some[0].t_ms + turn * per_line * 10_000
        yield f"courier-{courier:04}", [p._replace(t_ms=p.t_ms + moved) for p in some]


def requests(texts: Sequence[bytes], per_line: int, zipped: bool) -> list[dict[str, Any]]:
    """The events of API Gateway, each as large as it may be."""
    some: list[bytes] = []
    size, made = 0, []
    for text in (*texts, b""):
        over = size + len(text) > (MAX_BODY if zipped else MAX_WIRE)
        if some and (not text or over or len(some) == min(MAX_LINES, MAX_POINTS // per_line)):
            body = gzip.compress(b"".join(some), 6) if zipped else b"".join(some)
            event = events.http("POST /v1/uploads/bulk", base64.b64encode(body).decode())
            event["headers"] |= {"content-encoding": "gzip"} if zipped else {}
            made.append(events.signed_in(event, "gateway") | {"isBase64Encoded": True})
            some, size = [], 0
        some.append(text)
        size += len(text)
    return made


def written(whole: Sequence[tuple[str, list[Ping]]]) -> list[bytes]:
    return [
        orjson.dumps({"courier": courier, "device": "dv_1", "pings": [*map(said, pings)]}) + b"\n"
        for courier, pings in whole
    ]


def taken(worker: Worker, key: str, more: bool) -> tuple[Summary, int]:
    """And in how many turns: one, or one a part."""
    for turns in count(1):
        came = worker.work(key, lambda: more)
        if isinstance(came, Summary):
            return came, turns
    raise AssertionError


def measure_file(per_line: int) -> None:
    """One gzip file through the function behind the queue, in one turn and in as many as it may take."""
    kinesis, files, now = CountingKinesis(), FakeBulkFiles(), now_s()
    client: Any = kinesis
    worker = Worker(files, Taker(KinesisStream(client, "uploads"), FakeQuarantine()))
    text = b"".join(written([*lines(per_line)]))
    body = gzip.compress(text, 6)
    rates = []
    for more in (False, True):
        name = files.place("demo", len(body), now).name
        files.lines["demo", name] = body
        began = time.perf_counter()
        summary, turns = taken(worker, f"bulk/demo/{name}/lines", more)
        took = time.perf_counter() - began
        assert (summary.rejected, summary.problem) == (0, None)  # noqa: S101
        rates.append((took, turns))
    (parted, turns), _ = rates
    line(
        f"{per_line} pings a line, one file of {len(body) / 1e6:.0f} MB",
        f"{took:.1f} s",
        f"{summary.accepted / took:,.0f} pings/s",
        f"{LIMIT_S / took:.1f} x",
    )
    line(f"  in {turns} turns", f"{parted:.1f} s", f"{parted / took:.2f} x one turn")
    *_, (_, told) = files.told.values()
    line("  expanded; results", f"{len(text) / 1e6:.0f} MB", f"{len(told) / 1e6:.1f} MB")


def measure(per_line: int, zipped: bool) -> None:
    whole = [*lines(per_line)]
    texts = written(whole)
    sent, kinesis = requests(texts, per_line, zipped), CountingKinesis()
    client: Any = kinesis
    wiring: Any = Wiring(Taker(KinesisStream(client, "uploads"), FakeQuarantine()), None)  # type: ignore[arg-type]
    accepted = longest = 0
    with patch.object(bulk, "wire", lambda: wiring):
        began, cpu = time.perf_counter(), time.process_time()
        for event in sent:
            each = time.perf_counter()
            answer = bulk.handler(event, CONTEXT)
            longest = max(longest, time.perf_counter() - each)
            assert answer["statusCode"] == 200, answer["body"][:500]  # noqa: S101
            accepted += json.loads(answer["body"])["accepted"]
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
    assert accepted == sum(len(pings) for _, pings in whole)  # noqa: S101
    line(
        f"{per_line} pings a line{', gzip' if zipped else ''}: {len(sent)} requests",
        f"{took:.1f} s",
        f"{accepted / took:,.0f} pings/s",
        f"{LIMIT_S / took:.1f} x",
    )
    line("  CPU; longest request; calls of Kinesis", f"{cpu:.1f} s", f"{longest:.2f} s", f"{kinesis.calls}")
    line("  into the stream", "bytes a ping", "records", "pings/shard-s", "binds")
    Load(kinesis.records, kinesis.bytes).told("aggregates")
    if zipped:
        return
    plain = [Upload("demo", courier, "dv_1", pings[-1].t_ms, tuple(pings)) for courier, pings in whole]
    for n in SMALL:
        records = [r for i in range(0, len(plain), n) for r in pack(plain[i : i + n])]
        size = sum(len(r.data) + len(r.key) for r in records)
        Load(len(records), size).told(f"aggregates, {n} lines a request")
    Load(len(plain), sum(len(u.to_bytes()) + len(u.key) for u in plain)).told("a record an upload")
    as_json = (
        len(orjson.dumps({"courier": courier, "device": "dv_1", **said(p)})) + len(f"demo/{courier}")
        for courier, pings in whole
        for p in pings
    )
    Load(accepted, sum(as_json)).told("naive: a record of JSON a ping")


def run() -> None:
    line("bulk: a million pings, limit 60 s", "took", "rate", "against")
    for per_line, zipped in SHAPES:
        measure(per_line, zipped)
    measure_file(SHAPES[0][0])
