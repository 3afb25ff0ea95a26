"""The processor's largest batch: 500 full aggregates, each upload of another courier, on trips for an hour.

As `processor`: code only, with counters for AWS's calls; what boto3 costs a write is measured there.
"""

from __future__ import annotations

import json
import time
from typing import Any

from benchmarks.figures import line
from benchmarks.processor import LEGS, CountingTables
from benchmarks.sizes import BEGAN_MS, NoLog, street
from geo.drawing import compile_route
from geo.route import CompiledRoute
from processors.track.aside import Aside
from processors.track.track import Tracker
from processors.track.wiring import calm_collector
from storage.aggregation import pack, take_apart
from storage.history import DynamoHistory
from storage.live import DynamoLive
from storage.windows import DynamoWindows
from telemetry.live import Live, Window
from telemetry.ping import Ping
from telemetry.upload import Upload
from tests.fakes import FakeQuarantine, FakeRoutes
from tests.fakes_stacks import FakeTrips
from tests.kinesis import record

RECORDS, PER_UPLOAD = 500, 6
COURIERS = 16_000  # more than fill them
TIMEOUT_S = 30.0
EVENT_BYTES = 6 * 1024 * 1024


def uploads(route: CompiledRoute, turn: int) -> list[Upload]:
    made = []
    for courier in range(COURIERS):
        pings = []
        for i in range(turn * PER_UPLOAD, (turn + 1) * PER_UPLOAD):
            lon, lat = route.point_at(courier + 55.0 * i)
            pings.append(Ping(BEGAN_MS + 10_000 * i, round(lat * 1e6), round(lon * 1e6), 70, 55, 90))
        received = BEGAN_MS + (turn + 1) * 60_000
        made.append(Upload("demo", f"courier-{courier:05}", "dv_1", received, tuple(pings)))
    return made


def run() -> None:
    route, tables = compile_route(street(LEGS)), CountingTables()
    client: Any = tables
    live = DynamoLive(client, "live")
    for courier in range(COURIERS):
        windows = (Window(f"tr_1mz84kq2cp{courier:05}", "harbour-lap@12", BEGAN_MS - 1000),)
        live.put(Live("demo", f"courier-{courier:05}", 1, windows), None)
    tracker = Tracker(
        live, DynamoWindows(client, "windows"), DynamoHistory(client, "history"),
        FakeRoutes(**{"harbour-lap": route}), FakeTrips(), Aside(FakeQuarantine()),
        lambda: BEGAN_MS / 1000, NoLog(),
    )  # fmt: skip
    calm_collector()
    for turn in range(3):
        packed = sorted(pack(uploads(route, turn)), key=lambda r: -len(r.data))[:RECORDS]
        event = [record(r.data, i, r.key) for i, r in enumerate(packed, 1)]
        couriers = sum(len(take_apart(r.data)) for r in packed)
        tables.calls.clear()
        began = time.process_time()
        assert tracker.track(event) == []  # noqa: S101 - a batch that fails measures nothing
        took = time.process_time() - began
    size = len(json.dumps({"Records": event}))
    line("the processor's largest batch of aggregates", "CPU", "pings/s", "limit")
    line(
        f"{couriers:,} uploads of {PER_UPLOAD} in {RECORDS}",
        f"{took:.2f} s",
        f"{couriers * PER_UPLOAD / took:,.0f}",
        f"{TIMEOUT_S:.0f} s",
    )
    line("event", f"{size / 1e6:.1f} MB", "", f"{EVENT_BYTES / 1e6:.1f} MB")
    for name, count in sorted(tables.calls.items()):
        line(f"  {name}", f"{count:,}")
