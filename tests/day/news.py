"""Checks of what was told: alerts, the live stream, the webhook, and what was left in queues."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise

import orjson

from stacks.tasks.notify.events import TASK_EVENTS, TRIP_EVENTS
from telemetry.alerts import KINDS
from tests.day.cast import Part
from tests.day.listeners import FAILING, signature
from tests.day.run import Day

DUE: dict[Part, str] = {
    "strays": "off_route", "stalls": "stalled", "silent": "silent", "late": "late",
    "low_battery": "low_battery", "confirms": "arrived", "disputes": "arrived", "abandoned": "silent",
    "returns": "silent",
}  # fmt: skip
"""What each ride of a part must have raised."""


TOLD_S = 300.0
"""So long, by the fast clock, a timer and what it tells may take."""


def kinds(day: Day) -> Iterator[str]:
    raised: dict[str, Counter[str]] = defaultdict(Counter)
    for alert in day.seen.alerts.values():
        raised[alert["trip"]][alert["kind"]] += 1
    for trip, ridden in day.world.truth.items():
        due = DUE.get(ridden.part)
        if due and not raised[trip][due]:
            yield f"{trip} ({ridden.part}) raised {sorted(raised[trip])}, and not {due}"
    yield from _untold_finishes(day, raised)
    for trip, counts in raised.items():
        for kind in ("arrived", "finished"):
            if counts[kind] > 1:
                yield f"{trip} {kind} {counts[kind]} times"
    for kind in KINDS:
        if not any(counts[kind] for counts in raised.values()):
            yield f"{kind} was never raised"


def _untold_finishes(day: Day, raised: dict[str, Counter[str]]) -> Iterator[str]:
    for trip, lines in day.seen.audits.items():
        if any(line["action"] == "finish" for line in lines) and not raised[trip]["finished"]:
            yield f"{trip} was finished, and nobody was told"


def alerts(day: Day) -> Iterator[str]:
    seen = day.seen
    for name in seen.alert_rows.keys() ^ seen.alerts.keys():
        yield f"{name} is in the table or in the lists, and not in both"
    for trip, watch in seen.watches.items():
        if watch.open or not watch.over:
            yield f"{trip} is still watched in the evening, with {sorted(watch.open)} open"
    if not any(alert["acknowledged_by"] for alert in seen.alerts.values()):
        yield "no alert was acknowledged"
    yield from _episodes(day)


def _episodes(day: Day) -> Iterator[str]:
    """Of one kind on one trip there is one after the other, and each has an end."""
    seen = day.seen
    episodes: dict[tuple[str, str], list[tuple[float, float, str]]] = defaultdict(list)
    for name, alert in seen.alerts.items():
        row = seen.alert_rows.get(name)
        closed = alert["closed_at"]
        if row is None or (row.state, row.trip, row.kind) != (alert["state"], alert["trip"], alert["kind"]):
            yield f"{name} is listed otherwise than it is kept"
        if alert["state"] != "closed" or closed is None or closed < alert["raised_at"]:
            yield f"{name} ({alert['kind']} of {alert['trip']}) was not closed"
            continue
        episodes[alert["trip"], alert["kind"]].append((alert["raised_at"], closed, name))
    for (trip, kind), found in episodes.items():
        for (_, end, one), (begin, _, other) in pairwise(sorted(found)):
            if begin < end:
                yield f"{trip}: {one} and {other}, both {kind}, were open at once"


def _due(day: Day) -> dict[str, str]:
    """By id: the type of each event of an alert that must have been told."""
    found = {}
    for name, alert in day.seen.alerts.items():
        found |= {f"{name}/raised": "alert.raised", f"{name}/closed": "alert.closed"}
        if alert["acknowledged_at"]:
            found[f"{name}/acknowledged"] = "alert.acknowledged"
    return found


def live(day: Day) -> Iterator[str]:
    due = _due(day)
    for trip, lines in day.seen.audits.items():
        due |= {f"{trip}/{line['rev']:06}": TRIP_EVENTS[line["action"]] for line in lines}
    told = {name: event["type"] for name, event in day.viewer.events.items()}
    yield from _tasks(day, {name: told.pop(name) for name in list(told) if told[name].startswith("task.")})
    for name in due.keys() - told.keys():
        yield f"{due[name]} {name} was not told"
    for name in told.keys() - due.keys():
        yield f"{told[name]} {name} was told, and has not happened"
    for name in due.keys() & told.keys():
        if due[name] != told[name]:
            yield f"{name} was told as {told[name]}, and is {due[name]}"
    if not day.viewer.rows:
        yield "no courier was seen to move"


def _tasks(day: Day, told: Mapping[str, str]) -> Iterator[str]:
    """What was told of each task last is what it is; what closed when the manager left may be unheard."""
    last: dict[str, str] = {}
    for name in sorted(told):  # by task, then by revision
        last[name.partition("/")[0]] = told[name]
    for task, row in day.seen.task_rows.items():
        unheard = row.status == "closed" and row.closes_ms / 1000 > day.viewer.left_s - TOLD_S
        if last.get(task) != TASK_EVENTS[row.status] and not unheard:
            yield f"{task} is {row.status}, and {last.get(task, 'nothing')} was told of it last"
    for task in last.keys() - day.seen.task_rows.keys():
        yield f"{last[task]} was told of {task}, which is in no table"


def webhook(day: Day) -> Iterator[str]:
    due, taken = _due(day), day.receiver.taken()
    paid = (t for t, lines in day.seen.audits.items() for line in lines if line["action"] == "pay")
    due |= {f"{trip}/{day.seen.trip_rows[trip].rev:06}": "trip.paid" for trip in paid}
    for name in due.keys() - taken.keys():
        yield f"{due[name]} {name} did not come"
    for name in taken.keys() - due.keys():
        yield f"{name} came, and has not happened"
    bodies: dict[str, bytes] = {}
    for delivery in day.receiver.deliveries:
        if delivery.signature != signature(day.office.secret, delivery):
            yield f"{delivery.id} came with a wrong signature"
        if bodies.setdefault(delivery.id, delivery.body) != delivery.body:
            yield f"{delivery.id} came with another body"
        said = orjson.loads(delivery.body)
        if said["type"] != due.get(delivery.id, said["type"]):
            yield f"{delivery.id} came as {said['type']}"
    refused = [it.id for it in day.receiver.deliveries[:FAILING]]
    for name in set(refused) - taken.keys():
        yield f"{name} was refused, and did not come again"


def queues(day: Day) -> Iterator[str]:
    if not any(name.endswith("UndeliveredQueue") for name in day.seen.queues):
        yield f"which queues are these? {sorted(day.seen.queues)}"
    for name, messages in day.seen.queues.items():
        if messages:
            yield f"{messages} messages are in {name}"
