"""When a trip may start and finish. Times [ms, Unix]; a window holds both of its ends."""

from __future__ import annotations

from stacks.tasks.words import moment
from storage.photos import THERE
from storage.tasks import Courier, Trip
from telemetry.body import wrong
from telemetry.problem import Conflict

AHEAD_MS = 60_000  # how far a phone's clock may run ahead
BEFORE_CLAIM_MS = 86_400_000  # an offline start may lie this long before the claim came in


def start_time(trip: Trip, rider: Courier, at_ms: int | None, now_ms: int) -> int:
    """When a claimed trip starts: `at_ms` where it is given, else now.

    A trip that starts in the last millisecond of the one before begins in the next.
    Raises Conflict when the courier rides already, rode at that time, or it is outside the start window;
    BadRequest when the time cannot be.
    """
    if rider.riding is not None:
        raise Conflict(
            f"You are riding trip {rider.riding}; finish it first: POST /v1/trips/{rider.riding}/finish."
        )
    start_ms = max(now_ms if at_ms is None else _told(trip, rider, at_ms, now_ms), rider.ended_ms + 1)
    if trip.start_from_ms is not None and start_ms < trip.start_from_ms:
        raise Conflict(
            f"The start window opens at {moment(trip.start_from_ms)}; start then, until "
            f"{moment(trip.start_until_ms)}.",
            [{"field": "at", "reason": "lies before the start window"}],
        )
    if start_ms > trip.start_until_ms:
        raise Conflict(
            f"The start window closed at {moment(trip.start_until_ms)} and the claim expires; claim another "
            "task: GET /v1/tasks?status=open.",
            [{"field": "at", "reason": "lies after the start window"}],
        )
    return start_ms


def _told(trip: Trip, rider: Courier, at_ms: int, now_ms: int) -> int:
    if at_ms > now_ms + AHEAD_MS:
        raise wrong("at", "lies in the future; Unix seconds are expected, check the phone's clock")
    if at_ms < trip.claimed_ms - BEFORE_CLAIM_MS:
        raise wrong("at", f"lies more than a day before the claim, {moment(trip.claimed_ms)}")
    if at_ms < rider.ended_ms:
        raise Conflict(
            f"Your trip before this one ended at {moment(rider.ended_ms)}; start at or after that.",
            [{"field": "at", "reason": "lies inside an earlier trip"}],
        )
    return at_ms


def finish_time(trip: Trip, at_ms: int | None, now_ms: int) -> int:
    """When a running trip finishes: `at_ms` where it is given, else now. Raises BadRequest."""
    started_ms = trip.started_ms or 0
    if at_ms is None:
        return max(now_ms, started_ms)
    if at_ms > now_ms + AHEAD_MS:
        raise wrong("at", "lies in the future; Unix seconds are expected, check the phone's clock")
    if at_ms < started_ms:
        raise wrong("at", f"lies before the trip's start, {moment(started_ms)}")
    return at_ms


def photographed(trip: Trip) -> None:
    """Raises Conflict, which says how many of the task's photos are missing and where to send them."""
    there = int(trip.more.get(THERE, 0))
    if there < trip.photos:
        raise Conflict(
            f"The trip needs {trip.photos} photos and has {there}; send the {trip.photos - there} that are "
            f"missing, then finish: POST /v1/trips/{trip.trip}/photos.",
            extra={"photos_missing": trip.photos - there},
        )


def rest(trip: Trip, now_ms: int) -> dict[str, int | None]:
    """The trip's pause, taken into account and over."""
    since = now_ms if trip.paused_ms is None else trip.paused_ms
    return {"paused_ms": None, "rest_ms": trip.rest_ms + max(now_ms - since, 0)}
