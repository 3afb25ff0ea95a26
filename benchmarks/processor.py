"""What the processor's own code costs: raw Lambda events in, write requests out, counters for AWS's calls.

Base64, decoding, dedupe, matching, packing and the items are the real ones; what boto3 itself costs a write
is measured apart.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from statistics import median
from typing import Any

from benchmarks.figures import line
from benchmarks.sizes import BEGAN_MS, NoLog, street
from geo.drawing import compile_route
from geo.route import CompiledRoute
from processors.track.aside import Aside
from processors.track.track import Tracker
from processors.track.wiring import calm_collector
from storage.history import DynamoHistory
from storage.live import DynamoLive
from storage.windows import DynamoWindows
from telemetry.live import Live, Window
from telemetry.ping import Ping
from telemetry.upload import Upload
from tests.fakes import FakeQuarantine, FakeRoutes
from tests.fakes_stacks import FakeTrips
from tests.kinesis import records

COURIERS, PER_UPLOAD, UPLOADS, LEGS = 500, 6, 24, 2_000
TARGET = 100_000  # pings/s


class CountingTables:
    """DynamoDB's calls that track makes, on dicts: no network, no botocore, no threads needed."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Any] = {}
        self.calls: Counter[str] = Counter()

    def batch_get_item(self, RequestItems: Any) -> Any:  # noqa: N803 - boto3's names
        self.calls["BatchGetItem"] += 1
        ((table, wanted),) = RequestItems.items()
        keys = ((table, _key(key)) for key in wanted["Keys"])
        return {"Responses": {table: [self.items[k] for k in keys if k in self.items]}, "UnprocessedKeys": {}}

    def batch_execute_statement(self, Statements: Any) -> Any:  # noqa: N803
        """Updates only, as of couriers that are known."""
        self.calls["BatchExecuteStatement"] += 1
        for statement in Statements:
            *values, key, _ = statement["Parameters"]
            names = re.findall(r'SET "(\w+)"', statement["Statement"])
            self.items["live", key["S"]] = {"courier": key, **dict(zip(names, values, strict=True))}
            self.calls["  statements"] += 1
        return {"Responses": [{}] * len(Statements)}

    def put_item(self, TableName: str, Item: Any, **_: Any) -> Any:  # noqa: N803
        self.calls[f"PutItem {TableName}"] += 1
        self.items[TableName, _key(Item)] = Item
        return {}


def _key(item: Any) -> str:
    trip = item.get("trip")
    return str(item["courier"]["S"] if "courier" in item else (trip["S"], item["bucket"]["N"]))


def events(route: CompiledRoute) -> list[list[dict[str, Any]]]:
    """Per round, one event's records: an upload of every courier."""
    chance = random.Random(7)  # noqa: S311 - the same rides every time
    rounds: list[list[Upload]] = [[] for _ in range(UPLOADS)]
    for courier in range(COURIERS):
        start, pace = chance.uniform(0, 20_000), chance.uniform(3, 8)
        for turn in range(UPLOADS):
            pings = []
            for i in range(turn * PER_UPLOAD, (turn + 1) * PER_UPLOAD):
                lon, lat = route.point_at(start + pace * 10 * i)
                lat_e6, lon_e6 = (round(1e6 * (d + chance.gauss(0, 4e-5))) for d in (lat, lon))
                t_ms = BEGAN_MS + 10_000 * i + chance.randrange(-400, 400)
                accuracy, speed = round(10 * chance.lognormvariate(2, 0.5)), round(10 * pace)
                pings.append(Ping(t_ms, lat_e6, lon_e6, accuracy, speed, chance.randrange(360)))
            received = BEGAN_MS + (turn + 1) * 60_000
            rounds[turn].append(Upload("demo", f"courier-{courier:03}", "app", received, tuple(pings)))
    return [records(uploads, start=1 + turn * COURIERS) for turn, uploads in enumerate(rounds)]


def prepared() -> tuple[Tracker, CountingTables, list[list[dict[str, Any]]]]:
    route, tables = compile_route(street(LEGS)), CountingTables()
    client: Any = tables
    live = DynamoLive(client, "live")
    for courier in range(COURIERS):
        windows = (
            Window(
                f"tr_1mz7w0c2kq81f{courier:03}", "harbour-lap@11", BEGAN_MS - 9_000_000, BEGAN_MS - 5_000_000
            ),
            Window(f"tr_1mz84kq2cp7x9{courier:03}", "harbour-lap@12", BEGAN_MS - 1000),
        )
        live.put(Live("demo", f"courier-{courier:03}", 1, windows), None)
    tables.calls.clear()
    tracker = Tracker(
        live, DynamoWindows(client, "windows"), DynamoHistory(client, "history"),
        FakeRoutes(**{"harbour-lap": route}), FakeTrips(), Aside(FakeQuarantine()),
        lambda: BEGAN_MS / 1000, NoLog(),
    )  # fmt: skip
    return tracker, tables, events(route)


def run() -> None:
    tracker, tables, rounds = prepared()
    calm_collector()
    took = []
    for event in rounds:
        began = time.process_time()
        assert tracker.track(event) == []  # noqa: S101 - a batch that fails measures nothing
        took.append(time.process_time() - began)
    pings = COURIERS * PER_UPLOAD
    rate = pings / median(took[2:])  # the first two begin the trips and build what is searched
    line("processor, one core", "pings/s", "against 100,000")
    line(f"{COURIERS} uploads of {PER_UPLOAD} an event", f"{rate:,.0f}", f"{rate / TARGET:.2f} x")
    writes = sum(n for name, n in tables.calls.items() if name.startswith(("PutItem", "  ")))
    line("writes a ping", f"{writes / (pings * UPLOADS):.4f}")
    for name, count in sorted(tables.calls.items()):
        line(f"  {name}", f"{count:,}")
