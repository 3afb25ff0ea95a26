"""The parts of a transaction: each writes one item, under the condition that it is still as it was read.

Source: Amazon DynamoDB, "Managing complex workflows with DynamoDB transactions". One transaction holds at
most 100 items, and none of them twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from storage.items import pack
from storage.tasks import rows
from storage.tasks.model import Kept, Line, Schedule, Task
from storage.tasks.store import Made, Move
from telemetry.life import HELD, OPEN, PLACE_BACK, RECORDED, RIDING

Part = dict[str, Any]
_NEW = "attribute_not_exists(#item)"


def anew(line: Line) -> int:
    """A watch's revision that it never had: the looks of a sweep are never so many."""
    return line.at_ms + line.rev


class Transactions:
    def __init__(self, table: str) -> None:
        self._table = table

    def add(self, task: Task, kept: Kept | None) -> list[Part]:
        return [self._put(rows.task_row(task), _NEW), *self._key(task.fleet, kept)]

    def schedule(self, schedule: Schedule, kept: Kept | None) -> list[Part]:
        return [self._put(rows.schedule_row(schedule), _NEW), *self._key(schedule.fleet, kept)]

    def change(self, before: Task, after: Task, kept: Kept | None) -> list[Part]:
        return [self._task(before, after), *self._key(before.fleet, kept)]

    def claim(self, task: Task, made: Made, kept: Kept | None) -> list[Part]:
        last = task.left == 1
        status = "taken" if last else "open"
        taken = self._update(
            task.fleet,
            task.task,
            "SET #left = #left - :one, #rev = #rev + :one, #status = :status, #listed = :listed",
            f"attribute_not_exists(#withdrawn) AND #left {'=' if last else '>'} :one"
            " AND #opens_ms <= :at AND #closes_ms > :at",
            {":one": 1, ":at": made.trip.claimed_ms, ":status": status}
            | {":listed": rows.listed(task.fleet, "task", status)},
        )
        return [taken, *self._made(made), *self._key(task.fleet, kept)]

    def move(self, move: Move, kept: Kept | None) -> list[Part]:
        before, after = move.before, move.after
        fleet = before.fleet
        put, gone = rows.changes(rows.trip_row(before), rows.trip_row(after))
        as_read = {":was": before.state, ":read": before.rev}
        parts = [
            self._changed(fleet, before.trip, put, gone, "#state = :was AND #rev = :read", as_read),
            self._put(rows.line_row(fleet, move.line), _NEW),
            *self._rider(move),
        ]
        if after.state in RIDING and before.state not in RIDING:
            watch = rows.new_watch_row(fleet, after.trip)
            parts.append({"Put": {"TableName": self._table, "Item": pack(watch)}})
        if move.line.action in RECORDED:
            parts.append(self._watched_again(fleet, move.line))
        if before.state in HELD and after.state not in HELD:
            key = rows.claim_key(before.task, before.courier)
            parts.append(self._update(fleet, key, "REMOVE #held", "#trip = :trip", {":trip": before.trip}))
        if move.passed:
            parts += self._made(move.passed)
        elif gives_back(move) and move.task:
            parts.append(self._task(move.task, given_back(move.task, move.line.at_ms)))
        return parts + self._key(fleet, kept)

    def _watched_again(self, fleet: str, line: Line) -> Part:
        """By the next sweep, whatever it is that one just now makes of the watch: its revision is another. No
        condition, and no value that stands there, may keep the record away from its trip.
        """
        change = (
            "SET #kind = :kind, #watched = :shard, #rev = :anew, #open = if_not_exists(#open, :none), "
            "#told = if_not_exists(#told, :told)"
        )
        values = {":kind": "watch", ":shard": rows.watched(line.trip), ":none": {}, ":anew": anew(line)}
        told = {":told": ["arrived", "finished"]}
        return self._update(fleet, rows.watch_key(line.trip), change, "", values | told)

    def _made(self, made: Made) -> list[Part]:
        trip = made.trip
        claim = {"fleet": trip.fleet, "item": rows.claim_key(trip.task, trip.courier), "kind": "claim"}
        return [
            self._put(rows.trip_row(trip), _NEW),
            self._put(rows.line_row(trip.fleet, made.line), _NEW),
            self._put(claim | {"trip": trip.trip, "held": 1}, "attribute_not_exists(#held)"),
            self._update(
                trip.fleet,
                rows.courier_key(trip.courier),
                "SET #kind = :kind ADD #open :one",
                "attribute_not_exists(#open) OR #open < :limit",
                {":kind": "courier", ":one": 1, ":limit": made.limit},
            ),
        ]

    def _rider(self, move: Move) -> list[Part]:
        """What changes of the courier: how many trips are open, and which one is ridden."""
        before, after = move.before, move.after
        change, condition, values = [], ["attribute_exists(#item)"], dict[str, Any]()
        if before.state in RIDING and after.state not in RIDING:
            change.append("SET #before = :trip, #ended_ms = :end REMOVE #riding")
            condition.append("#riding = :trip")
            values |= {":trip": before.trip, ":end": after.ended_ms}
        elif after.state in RIDING and before.state not in RIDING:
            change.append("SET #riding = :trip")
            condition.append("attribute_not_exists(#riding)")
            condition.append("(attribute_not_exists(#ended_ms) OR #ended_ms = :ended)")
            values |= {":trip": before.trip, ":ended": move.rider.ended_ms if move.rider else 0}
        if difference := (after.state in OPEN) - (before.state in OPEN):
            change.append("ADD #open :difference")
            values[":difference"] = difference
        if not change:
            return []
        key = rows.courier_key(before.courier)
        return [self._update(before.fleet, key, " ".join(change), " AND ".join(condition), values)]

    def _task(self, before: Task, after: Task) -> Part:
        put, gone = rows.changes(rows.task_row(before), rows.task_row(after))
        return self._changed(before.fleet, before.task, put, gone, "#rev = :read", {":read": before.rev})

    def _key(self, fleet: str, kept: Kept | None) -> list[Part]:
        return [self.key(fleet, kept)] if kept else []

    def key(self, fleet: str, kept: Kept) -> Part:
        # DynamoDB removes what has expired when it comes to it, days later; until then it does not count.
        day_before = kept.expires_s - KEPT_S
        unknown = f"{_NEW} OR #ttl <= :now"
        return self._put(rows.kept_row(fleet, kept), unknown, {":now": day_before})

    def _put(self, row: rows.Row, condition: str, values: Mapping[str, Any] | None = None) -> Part:
        put = {"TableName": self._table, "Item": pack(row), "ConditionExpression": condition}
        put |= {"ExpressionAttributeNames": _names(condition)}
        return {"Put": put | ({"ExpressionAttributeValues": pack(values)} if values else {})}

    def _changed(
        self, fleet: str, item: str, put: rows.Row, gone: list[str], condition: str, values: Mapping[str, Any]
    ) -> Part:
        change = "SET " + ", ".join(f"#{name} = :{name}" for name in put)
        if gone:
            change += " REMOVE " + ", ".join(f"#{name}" for name in gone)
        return self._update(
            fleet, item, change, condition, {f":{name}": value for name, value in put.items()} | dict(values)
        )

    def _update(self, fleet: str, item: str, change: str, condition: str, values: Mapping[str, Any]) -> Part:
        update = {
            "TableName": self._table,
            "Key": pack({"fleet": fleet, "item": item}),
            "UpdateExpression": change,
            "ExpressionAttributeNames": _names(f"{change} {condition}"),
            "ExpressionAttributeValues": pack(values),
        }
        return {"Update": update | ({"ConditionExpression": condition} if condition else {})}


KEPT_S = 86_400
"""How long the answer to a request under an idempotency key is kept [s]."""


def gives_back(move: Move) -> bool:
    """Whether the task's place is free again, for anybody."""
    return move.before.state == "claimed" and move.after.state in PLACE_BACK and move.passed is None


def given_back(task: Task, now_ms: int) -> Task:
    return replace(task, left=task.left + 1, rev=task.rev + 1).at(now_ms)


def _names(expression: str) -> dict[str, str]:
    """Every name is an alias, so that none can be a reserved word."""
    return {name: name[1:] for name in set(re.findall(r"#\w+", expression))}
