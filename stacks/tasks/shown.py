"""Tasks, trips, audit lines and lines of a bonus as the API shows them. Times in Unix seconds."""

from __future__ import annotations

from typing import Any

from stacks.tasks.bonus import Calculation
from stacks.tasks.reckoning import NEWER, Reckoning
from storage.photos import THERE
from storage.tasks import Bonus, Line, Task, Trip


def seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000


def bonus(it: Bonus) -> dict[str, Any]:
    return {"amount": it.amount, "currency": it.currency, "rules": dict(it.rules)}


def calculation(it: Calculation | Reckoning) -> dict[str, Any]:
    """What both have: the lines, and what they add up to."""
    lines = [
        {"rule": line.rule, "amount": str(line.amount), "text": line.text, "given": line.given}
        for line in it.lines
    ]
    return {"lines": lines, "total": str(it.total)}


def task(it: Task) -> dict[str, Any]:
    return {
        "task": it.task,
        "title": it.title,
        "route": it.route,
        "bonus": bonus(it.bonus),
        "status": it.status,
        "quantity": it.quantity,
        "left": it.left,
        "opens": it.opens_ms / 1000,
        "closes": it.closes_ms / 1000,
        "start_from": seconds(it.start_from_ms),
        "start_until": it.start_until_ms / 1000,
        "deadline": it.deadline_ms / 1000,
        "tags": list(it.tags),
        "photos": it.photos,
        "notes": it.notes,
        "place": {"lat": it.place[0], "lon": it.place[1]} if it.place else None,
    }


def trip(it: Trip) -> dict[str, Any]:
    ridden = it.started_ms is not None
    return {
        "trip": it.trip,
        "task": it.task,
        "title": it.title,
        "route": it.route,
        "courier": it.courier,
        "state": it.state,
        "bonus": bonus(it.bonus),
        "start_from": seconds(it.start_from_ms),
        "start_until": it.start_until_ms / 1000,
        "deadline": it.deadline_ms / 1000,
        "photos": it.photos,
        "photos_there": int(it.more.get(THERE, 0)),
        "changed_since_approval": NEWER in it.more,
        "claimed_at": it.claimed_ms / 1000,
        "started_at": seconds(it.started_ms),
        "paused_at": seconds(it.paused_ms),
        "proposed_at": seconds(it.proposed_ms),
        "finished_at": seconds(it.ended_ms) if ridden else None,
        "passed_to": it.passed_to,
    }


def line(it: Line) -> dict[str, Any]:
    told = {"rev": it.rev, "at": it.at_ms / 1000, "by": it.by, "role": it.role, "action": it.action}
    return told | {"from": it.before, "to": it.after, "note": it.note}
