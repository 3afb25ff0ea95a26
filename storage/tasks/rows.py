"""The tasks table's items: the sort keys of each kind, and its attributes as plain values.

Every item has `fleet`, `item` and `kind`; a stream's filter may choose by the latter. What a trip's row has
beyond the attributes here belongs to the functions that put it there (`Trip.more`).

What reads a row raises whatever it meets in one that is damaged (storage/damage.py); values of another type
than the model's are damage, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any
from zlib import crc32

import msgspec
import orjson

from geo.tiles import Place, key_of
from storage.items import unpack
from storage.tasks.model import Bonus, Claim, Courier, Kept, Line, Schedule, Task, Trip
from telemetry.life import OPEN

TASK, TRIP, SCHEDULE, WATCH = "tk_", "tr_", "sc_", "watch/"
SHARDS = 8
_DEGREE = 10_000_000

Row = dict[str, Any]
_OWN = {"fleet", "item", "kind", "listed", "rider", "watched"}
_BONUS = {"bonus_amount", "bonus_currency", "bonus_rules"}
_TASK_FIELDS = [it.name for it in fields(Task) if it.name not in {"fleet", "task", "bonus", "place", "tags"}]
_TRIP_FIELDS = [it.name for it in fields(Trip) if it.name not in {"fleet", "trip", "bonus", "more"}]
_LINE_FIELDS = [it.name for it in fields(Line) if it.name != "trip"]
_SCHEDULE_FIELDS = [it.name for it in fields(Schedule) if it.name not in {"fleet", "schedule", "job"}]
_KNOWN = _OWN | _BONUS | set(_TRIP_FIELDS)


def line_key(trip: str, rev: int) -> str:
    return f"{trip}/{rev:06}"


def courier_key(courier: str) -> str:
    return f"courier/{courier}"


def claim_key(task: str, courier: str) -> str:
    return f"claim/{task}/{courier}"


def kept_key(user: str, key: str) -> str:
    return f"key/{user}/{key}"


def listed(fleet: str, kind: str, state: str) -> str:
    """The partition of the state index."""
    return f"{fleet}#{kind}#{state}"


def rider(fleet: str, courier: str) -> str:
    """The partition of the courier index."""
    return f"{fleet}#{courier}"


def watched(trip: str) -> str:
    """The partition of the watch index: one of SHARDS, "0" to "7"."""
    return str(crc32(trip.encode()) % SHARDS)


def watch_key(trip: str) -> str:
    return f"{WATCH}{trip}"


def new_watch_row(fleet: str, trip: str) -> Row:
    """What storage.alerts keeps of a trip, as it begins: found by the next sweep, also if it ends before."""
    row: Row = {"fleet": fleet, "item": watch_key(trip), "kind": "watch", "watched": watched(trip)}
    return row | {"open": {}, "told": [], "rev": 1}


def near_key(place: Place, task: str) -> str:
    """The sort key of the near index."""
    return f"{key_of(place)}#{task}"


def _without_none(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}


def _money(bonus: Bonus) -> Row:
    rules = orjson.dumps(bonus.rules).decode() if bonus.rules else None
    return {"bonus_amount": bonus.amount, "bonus_currency": bonus.currency, "bonus_rules": rules}


def _bonus(row: Mapping[str, Any]) -> Row:
    rules = orjson.loads(row.get("bonus_rules", "{}"))
    return {"amount": row["bonus_amount"], "currency": row["bonus_currency"], "rules": rules}


def task_row(task: Task) -> Row:
    row: Row = {"fleet": task.fleet, "item": task.task, "kind": "task"}
    row |= {name: getattr(task, name) for name in _TASK_FIELDS} | _money(task.bonus)
    row |= {"listed": listed(task.fleet, "task", task.status), "tags": list(task.tags) or None}
    row |= {"notes": task.notes or None, "withdrawn": task.withdrawn or None}
    if task.place:
        row |= {"lat_e7": round(task.place[0] * _DEGREE), "lon_e7": round(task.place[1] * _DEGREE)}
        row |= {"near": near_key(Place(*task.place), task.task)}
    return _without_none(row)


def task_of(row: Mapping[str, Any]) -> Task:
    found = {name: plain(row[name]) for name in _TASK_FIELDS if name in row}
    place = (int(row["lat_e7"]) / _DEGREE, int(row["lon_e7"]) / _DEGREE) if "lat_e7" in row else None
    found |= {"fleet": row["fleet"], "task": row["item"], "bonus": _bonus(row)}
    return msgspec.convert(found | {"tags": row.get("tags", ()), "place": place}, Task)


def trip_row(trip: Trip) -> Row:
    row: Row = {"fleet": trip.fleet, "item": trip.trip, "kind": "trip"}
    row |= {name: getattr(trip, name) for name in _TRIP_FIELDS} | _money(trip.bonus)
    row |= {
        "listed": listed(trip.fleet, "trip", trip.state),
        "rider": rider(trip.fleet, trip.courier),
        "watched": watched(trip.trip) if trip.state in OPEN else None,
    }
    return _without_none(dict(trip.more) | row)


def trip_of(row: Mapping[str, Any]) -> Trip:
    """From a row's plain values."""
    found = {name: plain(row[name]) for name in _TRIP_FIELDS if name in row}
    more = {name: plain(value) for name, value in row.items() if name not in _KNOWN}
    found |= {"fleet": row["fleet"], "trip": row["item"], "bonus": _bonus(row), "more": more}
    return msgspec.convert(found, Trip)


def trip_of_image(image: Mapping[str, Any]) -> Trip:
    """From the typed NewImage or OldImage of the table's stream, of an item whose `kind` is trip."""
    return trip_of(unpack(image))


def task_of_image(image: Mapping[str, Any]) -> Task:
    """The same where `kind` is task."""
    return task_of(unpack(image))


def line_row(fleet: str, line: Line) -> Row:
    row = {"fleet": fleet, "item": line_key(line.trip, line.rev), "kind": "line"}
    told = {name: getattr(line, name) for name in _LINE_FIELDS}
    return _without_none(row | told | {"note": line.note or None})


def line_of(row: Mapping[str, Any]) -> Line:
    found = {name: plain(row[name]) for name in _LINE_FIELDS if name in row}
    return msgspec.convert({"trip": row["item"].partition("/")[0], "before": None} | found, Line)


def line_of_image(image: Mapping[str, Any]) -> Line:
    """The same where `kind` is line."""
    return line_of(unpack(image))


def courier_of(row: Mapping[str, Any]) -> Courier:
    return Courier(int(row.get("open", 0)), row.get("riding"), row.get("before"), int(row.get("ended_ms", 0)))


def claim_of(row: Mapping[str, Any]) -> Claim | None:
    return Claim(row["trip"], "held" in row) if row else None


def claimed(row: Mapping[str, Any]) -> str:
    """The trip of a claim's row."""
    trip = row["trip"]
    if not trip.startswith(TRIP):
        raise ValueError(f"{trip} is no trip")
    return str(trip)


def schedule_row(it: Schedule) -> Row:
    row: Row = {"fleet": it.fleet, "item": it.schedule, "kind": "schedule", "cron": it.cron, "zone": it.zone}
    row |= {"job": orjson.dumps(it.job).decode(), "created_ms": it.created_ms}
    return _without_none(row | {"failed": it.failed, "failed_ms": it.failed_ms})


def schedule_of(row: Mapping[str, Any]) -> Schedule:
    found = {name: plain(row[name]) for name in _SCHEDULE_FIELDS if name in row}
    found |= {"fleet": row["fleet"], "schedule": row["item"], "job": orjson.loads(row["job"])}
    return msgspec.convert(found, Schedule)


def schedule_of_image(image: Mapping[str, Any]) -> Schedule:
    """From a typed image of the table's stream, of an item whose `kind` is schedule."""
    return schedule_of(unpack(image))


def kept_row(fleet: str, kept: Kept) -> Row:
    told = {name: getattr(kept, name) for name in ("digest", "subject", "status", "body")}
    row = {"fleet": fleet, "item": kept_key(kept.user, kept.key), "kind": "key", "ttl": kept.expires_s}
    return row | told


def kept_of(user: str, key: str, row: Mapping[str, Any]) -> Kept:
    return Kept(user, key, row["digest"], row["subject"], int(row["status"]), row["body"], int(row["ttl"]))


def plain(value: Any) -> Any:
    """A whole number for each Decimal, also inside."""
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, dict):
        return {name: plain(it) for name, it in value.items()}
    return [plain(it) for it in value] if isinstance(value, list) else value


def changes(before: Row, after: Row) -> tuple[Row, list[str]]:
    """What is to be set, and what to be removed, to make one row the other."""
    put = {name: value for name, value in after.items() if before.get(name) != value}
    return put, [name for name in before if name not in after]
