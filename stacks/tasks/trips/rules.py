"""When a trip may start and finish. Times [ms, Unix]; a window holds both of its ends."""

from __future__ import annotations

from geo.said import say
from storage.photos import THERE
from storage.tasks import Courier, Trip
from telemetry.fields import wrong
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
            say(
                "riding-already",
                "You are riding trip {trip}; finish it first: POST /v1/trips/{trip}/finish.",
                trip=rider.riding,
            )
        )
    start_ms = max(now_ms if at_ms is None else _told(trip, rider, at_ms, now_ms), rider.ended_ms + 1)
    if trip.start_from_ms is not None and start_ms < trip.start_from_ms:
        raise Conflict(
            say(
                "start-window-not-open",
                "The start window opens at {opens_at:moment}; start then, until {closes_at:moment}.",
                opens_at=trip.start_from_ms / 1000,
                closes_at=trip.start_until_ms / 1000,
            ),
            [{"field": "at", "reason": say("before-start-window", "lies before the start window")}],
        )
    if start_ms > trip.start_until_ms:
        raise Conflict(
            say(
                "start-window-closed",
                "The start window closed at {closed_at:moment} and the claim expires; claim another task: "
                "GET /v1/tasks?status=open.",
                closed_at=trip.start_until_ms / 1000,
            ),
            [{"field": "at", "reason": say("after-start-window", "lies after the start window")}],
        )
    return start_ms


def _told(trip: Trip, rider: Courier, at_ms: int, now_ms: int) -> int:
    _not_ahead(at_ms, now_ms)
    if at_ms < trip.claimed_ms - BEFORE_CLAIM_MS:
        claimed_at = trip.claimed_ms / 1000
        raise wrong(
            "at",
            say(
                "day-before-claim",
                "lies more than a day before the claim, {claimed_at:moment}",
                claimed_at=claimed_at,
            ),
        )
    if at_ms < rider.ended_ms:
        raise Conflict(
            say(
                "start-before-last-end",
                "Your trip before this one ended at {ended_at:moment}; start at or after that.",
                ended_at=rider.ended_ms / 1000,
            ),
            [{"field": "at", "reason": say("inside-earlier-trip", "lies inside an earlier trip")}],
        )
    return at_ms


def finish_time(trip: Trip, at_ms: int | None, now_ms: int) -> int:
    """When a running trip finishes: `at_ms` where it is given, else now. Raises BadRequest."""
    started_ms = trip.started_ms or 0
    if at_ms is None:
        return max(now_ms, started_ms)
    _not_ahead(at_ms, now_ms)
    if at_ms < started_ms:
        raise wrong(
            "at",
            say(
                "before-trip-start",
                "lies before the trip's start, {started_at:moment}",
                started_at=started_ms / 1000,
            ),
        )
    return at_ms


def _not_ahead(at_ms: int, now_ms: int) -> None:
    if at_ms > now_ms + AHEAD_MS:
        ahead = say("clock-ahead", "lies in the future; Unix seconds are expected, check the phone's clock")
        raise wrong("at", ahead)


def photographed(trip: Trip) -> None:
    """Raises Conflict, which says how many of the task's photos are missing and where to send them."""
    there = int(trip.more.get(THERE, 0))
    if there < trip.photos:
        raise Conflict(
            say(
                "photos-missing",
                "The trip needs {needed} photos and has {there}; send the {missing} that are missing, then "
                "finish: POST /v1/trips/{trip}/photos.",
                needed=trip.photos,
                there=there,
                missing=trip.photos - there,
                trip=trip.trip,
            ),
            extra={"photos_missing": trip.photos - there},
        )


def rest(trip: Trip, now_ms: int) -> dict[str, int | None]:
    """The trip's pause, taken into account and over."""
    since = now_ms if trip.paused_ms is None else trip.paused_ms
    return {"paused_ms": None, "rest_ms": trip.rest_ms + max(now_ms - since, 0)}
