"""When a trip may start and finish. Times [ms, Unix]; a window holds both of its ends."""

from __future__ import annotations

from datetime import UTC, datetime

from storage.tasks import Ride, Task
from storage.trips import Trip
from telemetry.body import wrong
from telemetry.problem import Conflict, Forbidden

AHEAD_MS = 60_000  # how far a phone's clock may run ahead
BEFORE_CLAIM_MS = 86_400_000  # an offline start may lie this long before the claim came in


def check_claimer(task: Task, courier: str) -> None:
    """Raises Conflict when nobody has claimed the task, Forbidden when another has."""
    if task.courier is None:
        raise Conflict(f"Claim the task first: POST /v1/tasks/{task.task}/claim.")
    if task.courier != courier:
        raise Forbidden("Another courier has this task; see GET /v1/tasks?status=open for others.")


def trip_of(task: Task) -> Trip | None:
    """The trip that the task was started with, if it was."""
    if task.trip is None or task.courier is None or task.started_ms is None:
        return None
    return Trip(
        task.trip, task.fleet, task.courier, task.task, task.route,
        task.started_ms, task.finished_ms, task.deadline_ms,
    )  # fmt: skip


def start_time(task: Task, ride: Ride, at_ms: int | None, now_ms: int) -> int:
    """When a claimed task's trip starts: `at_ms` where it is given, else now.

    A trip that starts in the last millisecond of the one before begins in the next.
    Raises Conflict when the courier rides already or rode at that time, BadRequest when the time cannot be.
    """
    if ride.trip is not None:
        raise Conflict(
            f"You are riding trip {ride.trip} of task {ride.task}; "
            f"finish it first: POST /v1/trips/{ride.trip}/finish."
        )
    free_ms = ride.ended_ms + 1
    if at_ms is None:
        return max(now_ms, free_ms)
    if at_ms > now_ms + AHEAD_MS:
        raise wrong("at", "lies in the future; Unix seconds are expected, check the phone's clock")
    claimed_ms = task.claimed_ms or 0
    if at_ms < claimed_ms - BEFORE_CLAIM_MS:
        raise wrong("at", f"lies more than a day before the claim, {_text(claimed_ms)}")
    if at_ms < ride.ended_ms:
        raise Conflict(
            f"Your trip before this one ended at {_text(ride.ended_ms)}; start at or after that.",
            [{"field": "at", "reason": "lies inside an earlier trip"}],
        )
    return max(at_ms, free_ms)


def finish_time(trip: Trip, at_ms: int | None, now_ms: int) -> int:
    """When a running trip finishes: `at_ms` where it is given, else now. Raises BadRequest."""
    if at_ms is None:
        return max(now_ms, trip.started_ms)
    if at_ms > now_ms + AHEAD_MS:
        raise wrong("at", "lies in the future; Unix seconds are expected, check the phone's clock")
    if at_ms < trip.started_ms:
        raise wrong("at", f"lies before the trip's start, {_text(trip.started_ms)}")
    return at_ms


def _text(ms: int) -> str:
    return f"{ms / 1000} ({datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC)"
