"""Tasks, trips and what else stands beside them in the tasks table. Times [ms, Unix]; None: not (yet)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from telemetry.life import Action, State

Status = Literal["scheduled", "open", "taken", "closed", "withdrawn"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Bonus:
    """amount: a decimal number as text; rules: as stacks/tasks/bonus.py validated them, JSON values."""

    amount: str
    currency: str
    rules: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """A job on a route, for `quantity` trips; `left` of its places are free.

    It is claimed from opens_ms until before closes_ms, by couriers who have all its `tags`; its trips start
    from start_from_ms (None: whenever) to start_until_ms, and should be over at deadline_ms. photos: how many
    each trip needs. place: where its route starts (lat, lon) in degrees.
    """

    fleet: str
    task: str
    title: str
    route: str
    bonus: Bonus
    created_ms: int
    opens_ms: int
    closes_ms: int
    start_until_ms: int
    deadline_ms: int
    start_from_ms: int | None = None
    quantity: int = 1
    left: int = 1
    tags: tuple[str, ...] = ()
    photos: int = 0
    notes: str = ""
    place: tuple[float, float] | None = None
    withdrawn: bool = False
    status: Status = "open"
    rev: int = 1

    def status_at(self, now_ms: int) -> Status:
        """What it is at `now_ms`; `status` is what the lists were last told."""
        if self.withdrawn:
            return "withdrawn"
        if self.left == 0:
            return "taken"
        if now_ms >= self.closes_ms:
            return "closed"
        return "open" if now_ms >= self.opens_ms else "scheduled"

    def at(self, now_ms: int) -> Task:
        return replace(self, status=self.status_at(now_ms))


@dataclass(frozen=True, slots=True)
class Schedule:
    """Tasks that come again and again: one opens at each time of `cron` in the time zone `zone`.

    job: of what such a task is made, as stacks/tasks/schedules checked it, JSON values. failed: why the task
    of failed_ms could not be made; None while all could.
    """

    fleet: str
    schedule: str
    cron: str
    zone: str
    job: Mapping[str, Any]
    created_ms: int
    failed: str | None = None
    failed_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Trip:
    """One courier's run of one task, from its claim on. What it needs of the task is copied then, so that a
    later change of the task changes nothing.

    ended_ms: when it was finished, cancelled, released or expired. rest_ms: how long it was paused before
    paused_ms; resumed_ms: when it was last taken up again. proposed_ms: when it arrived, where the finish is
    proposed. passed_to: the trip that it was reassigned to. more: what other functions keep on the row, by
    attribute (JSON values without fractions).
    """

    fleet: str
    trip: str
    task: str
    courier: str
    title: str
    route: str
    bonus: Bonus
    claimed_ms: int
    start_until_ms: int
    deadline_ms: int
    start_from_ms: int | None = None
    photos: int = 0
    state: State = "claimed"
    rev: int = 1
    started_ms: int | None = None
    paused_ms: int | None = None
    resumed_ms: int | None = None
    rest_ms: int = 0
    proposed_ms: int | None = None
    ended_ms: int | None = None
    passed_to: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a trip's audit: what was done, by whom, as what. rev: the trip's after it. before: None for
    the first of its life.
    """

    trip: str
    rev: int
    at_ms: int
    by: str
    role: str
    action: Action
    before: State | None
    after: State
    note: str = ""


@dataclass(frozen=True, slots=True)
class Courier:
    """open: how many of the courier's trips are claimed, started or paused. riding: the trip that cannot but
    end before another starts. before, ended_ms: the ridden trip before it, and its end.
    """

    open: int = 0
    riding: str | None = None
    before: str | None = None
    ended_ms: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """A courier's newest trip of a task; held: it has not come to an end."""

    trip: str
    held: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """What a request under an idempotency key was answered, until expires_s [s, Unix].

    digest: of the request; subject: the trip or task that it was about; body: JSON.
    """

    user: str
    key: str
    digest: str
    subject: str
    status: int
    body: str
    expires_s: int
