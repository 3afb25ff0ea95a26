"""What is there when the day is over: by the API, and in the stack's tables and queues."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cli.replay.api import Json
from cli.replay.simulator import chance
from cli.site import Site
from stacks.tasks import shown
from storage.alerts import Alert, Watch
from storage.alerts.rows import alert_of, watch_of
from storage.items import unpack
from storage.tasks import Courier, Line, Task, Trip
from storage.tasks.rows import courier_of, line_of, task_of, trip_of
from telemetry.life import STATES
from tests.apps.stores import Stored
from tests.apps.stores import look as look_at_pings
from tests.day.world import World

AT_ONCE = 8
ASKED = 150
"""So many audits are asked for by the API and compared with the table's; of a longer day, those drawn."""
_COUNTS = tuple(f"ApproximateNumberOfMessages{which}" for which in ("", "NotVisible", "Delayed"))


@dataclass(repr=False)
class Seen:
    """trips, audits, bonuses, records: by trip, as the API answers. Below them: the tasks table's items."""

    trips: dict[str, Json] = field(default_factory=dict)
    audits: dict[str, list[Json]] = field(default_factory=dict)
    bonuses: dict[str, Json] = field(default_factory=dict)
    records: dict[str, Json] = field(default_factory=dict)
    tasks: dict[str, Json] = field(default_factory=dict)
    alerts: dict[str, Json] = field(default_factory=dict)
    payouts: list[Json] = field(default_factory=list)
    unpaid: list[Json] = field(default_factory=list)
    task_rows: dict[str, Task] = field(default_factory=dict)
    trip_rows: dict[str, Trip] = field(default_factory=dict)
    alert_rows: dict[str, Alert] = field(default_factory=dict)
    watches: dict[str, Watch] = field(default_factory=dict)
    lines: dict[str, list[Line]] = field(default_factory=dict)
    couriers: dict[str, Courier] = field(default_factory=dict)
    queues: Counter[str] = field(default_factory=Counter)
    """Messages by queue."""
    stored: Stored = field(default_factory=Stored)


async def look(world: World, site: Site) -> Seen:
    seen, boss = Seen(), world.manager
    for state in STATES:
        async for trip in world.pages(boss, "trips", state=state):
            seen.trips[trip["trip"]] = trip
    async for task in world.pages(boss, "tasks"):
        seen.tasks[task["task"]] = task
    for state in ("open", "closed"):
        async for alert in world.pages(boss, "alerts", state=state):
            seen.alerts[alert["alert"]] = alert
    heads = [head async for head in world.pages(boss, "payouts")]
    seen.payouts = [await world.get(boss, f"/v1/payouts/{head['payout']}") for head in heads]
    seen.unpaid = (await world.get(boss, "/v1/payouts"))["unpaid"]
    await _each(seen, world)
    await asyncio.to_thread(_tables, seen, site)
    await asyncio.to_thread(_queues, seen, site)
    seen.stored = await asyncio.to_thread(look_at_pings, site)
    return seen


async def _each(seen: Seen, world: World) -> None:
    gate, draw = asyncio.Semaphore(AT_ONCE), chance(world.size.seed, "audits")
    drawn = set(draw.sample(sorted(seen.trips), min(ASKED, len(seen.trips))))

    async def one(trip: str) -> None:
        async with gate:
            if trip in drawn:
                seen.audits[trip] = (await world.get(world.manager, f"/v1/trips/{trip}/audit"))["lines"]
            seen.bonuses[trip] = await world.get(world.manager, f"/v1/trips/{trip}/bonus")
            if seen.trips[trip]["started_at"]:
                url = f"{world.api.pipeline}/v1/trips/{trip}"
                seen.records[trip] = await world.api.call("GET", url, world.manager)

    await asyncio.gather(*(one(trip) for trip in seen.trips))


def _tables(seen: Seen, site: Site) -> None:
    dynamodb = site.client("dynamodb")
    names = dynamodb.get_paginator("list_tables").paginate().search("TableNames[]")
    table = next(name for name in names if name.endswith("TasksTable"))
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        _sort(seen, map(unpack, page["Items"]))
    for trip, lines in seen.lines.items():
        lines.sort(key=lambda line: line.rev)
        seen.audits.setdefault(trip, [shown.line(line) for line in lines])


def _sort(seen: Seen, rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        item = row["item"]
        match row["kind"]:
            case "task":
                seen.task_rows[item] = task_of(row)
            case "trip":
                seen.trip_rows[item] = trip_of(row)
            case "line":
                line = line_of(row)
                seen.lines.setdefault(line.trip, []).append(line)
            case "alert":
                seen.alert_rows[item] = alert_of(row)
            case "watch":
                seen.watches[item.partition("/")[2]] = watch_of(row)
            case "courier":
                seen.couriers[item.partition("/")[2]] = courier_of(row)


def _queues(seen: Seen, site: Site) -> None:
    sqs = site.client("sqs")
    for url in sqs.list_queues()["QueueUrls"]:
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_COUNTS))["Attributes"]
        seen.queues[url.rpartition("/")[2]] = sum(int(found.get(name, 0)) for name in _COUNTS)
