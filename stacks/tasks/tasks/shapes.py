"""What the tasks API takes and shows. Times in Unix seconds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from storage.tasks import STATUSES, Task
from telemetry.body import wrong
from telemetry.names import LAST_SECOND, ROUTE

_MOST, _USUAL = 500, 200


class NewBonus(msgspec.Struct, forbid_unknown_fields=True):
    amount: str
    currency: str


class NewTask(msgspec.Struct, forbid_unknown_fields=True):
    route: Annotated[str, msgspec.Meta(pattern=ROUTE)]
    bonus: NewBonus
    deadline: Annotated[float, msgspec.Meta(ge=0, le=LAST_SECOND)]
    title: Annotated[str, msgspec.Meta(max_length=100)] = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Which tasks to list: of a status, behind a task, so many."""

    status: str | None
    after: str | None
    limit: int


def read_page(query: Mapping[str, str]) -> Page:
    """Raises BadRequest."""
    status, after, limit = query.get("status"), query.get("after"), query.get("limit", str(_USUAL))
    if status is not None and status not in STATUSES:
        raise wrong("status", f"must be one of {', '.join(STATUSES)}")
    if after is not None and not re.fullmatch(r"tk_[0-9a-z]{16}", after):
        raise wrong("after", "must be `next` of the page before")
    if not re.fullmatch(r"[1-9][0-9]{0,2}", limit) or int(limit) > _MOST:
        raise wrong("limit", f"must be a whole number from 1 to {_MOST}")
    return Page(status, after, int(limit))


def shown(task: Task) -> dict[str, Any]:
    return {
        "task": task.task,
        "title": task.title,
        "route": task.route,
        "bonus": {"amount": task.bonus.amount, "currency": task.bonus.currency},
        "deadline": task.deadline_ms / 1000,
        "status": task.status,
        "courier": task.courier,
        "trip": task.trip,
    }
