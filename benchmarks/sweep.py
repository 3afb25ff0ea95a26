"""What a sweep over trips under way costs: one core's time a trip, and calls and read units a trip.

The function's own code from DynamoDB's answers to the end, with the adapters; the client's calls are
counted and answered from memory, so that the network and boto3 are apart.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from benchmarks.figures import line
from benchmarks.sizes import pings
from cli.cost.cloud.sizes import item_bytes
from stacks.tasks.moves import Moves
from stacks.tasks.trips.book import PipelineBook
from stacks.tasks.watch.sweep import Sweep
from storage.alerts import DynamoAlerts, Watch
from storage.alerts.rows import watch_row
from storage.items import pack
from storage.live import DynamoLive, to_item
from storage.tasks import DynamoTasks
from storage.tasks.rows import trip_row, watched
from storage.trips import DynamoTrips
from storage.windows import DynamoWindows
from telemetry.history import Sightings
from telemetry.pings import Pings
from tests.watching import LENGTH_M, T0, live, match, trip

TRIPS = 8_000
NOW = T0 + 1_000
PAGE = 1_500  # rows of about 600 bytes in a page of 1 MB
LIMIT_S = 55


class Memory:
    """A DynamoDB client that answers the sweep's two reads."""

    def __init__(self, rows: list[dict[str, Any]], lives: list[dict[str, Any]]) -> None:
        self.calls: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()
        self._shards: dict[str, list[Any]] = {}
        for row in rows:
            self._shards.setdefault(row["watched"]["S"], []).append(row)
        self._lives = {item["courier"]["S"]: item for item in lives}

    def get_paginator(self, _: str) -> Memory:
        return self

    def paginate(self, ExpressionAttributeValues: Any, **_: Any) -> Iterator[Any]:  # noqa: N803 - boto3's
        found = self._shards.get(ExpressionAttributeValues[":shard"]["S"], [])
        for start in range(0, len(found), PAGE):
            page = found[start : start + PAGE]
            self.calls["Query"] += 1
            self.bytes["Query"] += sum(map(item_bytes, page)) if not self.calls["quiet"] else 0
            yield {"Items": page}

    def batch_get_item(self, RequestItems: Any) -> Any:  # noqa: N803 - boto3's
        ((table, asked),) = RequestItems.items()
        self.calls["BatchGetItem"] += 1
        keys = [key.get("courier", {}).get("S") for key in asked["Keys"]]
        found = [self._lives[key] for key in keys if key in self._lives]
        return {"Responses": {table: found}, "UnprocessedKeys": {}}


def run() -> None:
    trips = [trip(f"tr_{i:016}", f"c{i}", title="Parcel round") for i in range(TRIPS)]
    rows = [pack(trip_row(it)) for it in trips]
    rows += [pack(watch_row(Watch("demo", it.trip, rev=1))) for it in trips]
    tail = Sightings({"app": Pings.of(tuple(pings()[:48]))})
    lives = [to_item(replace(live(it, match(NOW - 20), 80), tail=tail)) for it in trips]
    memory: Any = Memory(rows, lives)
    known = DynamoLive(memory, "live")
    book = PipelineBook(DynamoTrips(memory, "trips"), DynamoWindows(memory, "windows"), known)
    sweep = Sweep(
        DynamoAlerts(memory, "tasks"), known, Moves(DynamoTasks(memory, "tasks")), book,
        lambda *_: LENGTH_M - 40, lambda _: None, lambda: NOW, logging.getLogger(),
    )  # fmt: skip
    sweep.run(range(8))
    query = memory.bytes["Query"] / 4096 / 2 / TRIPS
    memory.calls["quiet"] = 1
    began = time.process_time()
    tally = sweep.run(range(8))
    took = (time.process_time() - began) / TRIPS
    assert (tally.trips, tally.raised, tally.failed) == (TRIPS, 0, 0)  # noqa: S101 - else it measured nothing
    assert len({watched(it.trip) for it in trips}) == 8  # noqa: S101 - the same
    print("sweep: trips under way of whom nothing is to be told")
    line("CPU a trip", f"{took * 1e6:.0f} us")
    line(f"trips in {LIMIT_S} s of one core, without boto3", f"{LIMIT_S / took:,.0f}")
    line("read units a trip", f"{query + 0.5:.2f}")
