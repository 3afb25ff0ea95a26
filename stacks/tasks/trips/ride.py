"""The steps of a trip's life that people take.

The decision is one transaction on the tasks table (stacks/tasks/moves.py). What follows from it for the
pipeline (stacks/tasks/trips/book.py) is done before the answer, and again by every repetition, so that a
crash in between heals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from geo.said import say
from stacks.tasks.missing import no_task
from stacks.tasks.moves import Actor, Moves
from stacks.tasks.once import Once
from stacks.tasks.trips import rules
from stacks.tasks.trips.book import Book
from storage.tasks import Courier, Line, Made, TaskStore, Trip
from storage.users import People
from telemetry.fields import wrong
from telemetry.life import Action
from telemetry.names import new_id
from telemetry.problem import Conflict


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for a step, when [s, Unix], and what else they say. at_ms: when it was, for a phone that was
    offline [ms, Unix].
    """

    fleet: str
    by: Actor
    now: float
    at_ms: int | None = None
    note: str = ""
    once: Once | None = None

    @property
    def now_ms(self) -> int:
        return round(self.now * 1000)


class Rides:
    """people, limit: who may be passed a trip on, and how many open ones they may have."""

    def __init__(self, store: TaskStore, moves: Moves, book: Book, people: People, limit: int) -> None:
        self._store, self._moves, self._book = store, moves, book
        self._people, self._limit = people, limit

    def follow(self, fleet: str, trip_id: str, now: float) -> None:
        """What a request that was answered before may have left undone."""
        trip = self._store.trip(fleet, trip_id)
        if trip:
            self._book.follow(trip, now)

    def start(self, asked: Asked, trip_id: str) -> Trip:
        def started(trip: Trip, rider: Courier) -> Mapping[str, Any]:
            start_ms = rules.start_time(trip, rider, asked.at_ms, asked.now_ms)
            # Windows must never overlap: the finish of the trip before may have crashed half way.
            if rider.before:
                self.follow(asked.fleet, rider.before, asked.now)
            return {"started_ms": start_ms}

        return self._step(asked, trip_id, "start", started)

    def start_task(self, asked: Asked, task_id: str) -> Trip:
        """The courier's trip of a task. Raises NotFound, or Conflict when they have not claimed it."""
        task, claim, _ = self._store.desk(asked.fleet, task_id, asked.by.user)
        if task is None:
            raise no_task(task_id)
        if claim is None:
            raise Conflict(
                say("claim-first", "Claim the task first: POST /v1/tasks/{task}/claim.", task=task_id)
            )
        return self.start(asked, claim.trip)

    def pause(self, asked: Asked, trip_id: str) -> Trip:
        return self._step(asked, trip_id, "pause", lambda *_: {"paused_ms": asked.now_ms})

    def resume(self, asked: Asked, trip_id: str) -> Trip:
        def resumed(trip: Trip, _: Courier) -> Mapping[str, Any]:
            return rules.rest(trip, asked.now_ms) | {"resumed_ms": asked.now_ms}

        return self._step(asked, trip_id, "resume", resumed)

    def finish(self, asked: Asked, trip_id: str) -> Trip:
        def finished(trip: Trip, _: Courier) -> Mapping[str, Any]:
            rules.photographed(trip)
            end_ms = rules.finish_time(trip, asked.at_ms, asked.now_ms)
            return rules.rest(trip, end_ms) | {"ended_ms": end_ms}

        return self._step(asked, trip_id, "finish", finished)

    def confirm(self, asked: Asked, trip_id: str) -> Trip:
        """Finish at the time that was proposed on arrival. Raises Conflict where none was."""

        def confirmed(trip: Trip, _: Courier) -> Mapping[str, Any]:
            if trip.proposed_ms is None:
                raise Conflict(
                    say(
                        "no-arrival-yet",
                        "No arrival was noticed yet; to end the trip yourself: POST /v1/trips/{trip}/finish.",
                        trip=trip_id,
                    )
                )
            rules.photographed(trip)
            end_ms = rules.finish_time(trip, trip.proposed_ms, asked.now_ms)
            return rules.rest(trip, end_ms) | {"ended_ms": end_ms}

        return self._step(asked, trip_id, "finish", confirmed, note=asked.note or "confirmed")

    def dispute(self, asked: Asked, trip_id: str) -> Trip:
        trip = self._moves.apply(
            asked.fleet, trip_id, "dispute", asked.by, asked.now_ms, lambda *_: {"proposed_ms": None},
            note=asked.note, once=asked.once,
            done=lambda trip: trip.state == "started" and trip.proposed_ms is None,
        )  # fmt: skip
        self._book.follow(trip, asked.now)
        return trip

    def release(self, asked: Asked, trip_id: str) -> Trip:
        return self._step(asked, trip_id, "release", lambda *_: {"ended_ms": asked.now_ms})

    def cancel(self, asked: Asked, trip_id: str) -> Trip:
        """From now on nothing belongs to it; what was ridden stays where it is, and pays nothing."""

        def cancelled(trip: Trip, _: Courier) -> Mapping[str, Any]:
            return rules.rest(trip, asked.now_ms) | {"ended_ms": max(asked.now_ms, trip.started_ms or 0)}

        return self._step(asked, trip_id, "cancel", cancelled)

    def reassign(self, asked: Asked, trip_id: str, courier: str) -> Trip:
        """The other courier's trip: the claim of the one ends and that of the other begins at once.

        Raises Conflict when the other is no courier of the fleet or disabled, lacks a tag of the task, or has
        it already or too many others.
        """
        given = self._moves.trip(asked.fleet, trip_id, asked.by)
        passed = self._store.trip(asked.fleet, given.passed_to) if given.passed_to else None
        if passed and passed.courier == courier:
            if asked.once:
                self._store.keep(asked.fleet, asked.once.of(passed))
            self._book.follow(passed, asked.now)
            return passed
        if courier == given.courier:
            raise wrong("courier", say("trip-theirs-already", "has this trip already; name another one"))
        new = new_id("tr", asked.now)

        def made(trip: Trip) -> Made:
            self._may_take(asked.fleet, trip.task, courier)
            theirs = replace(
                trip, trip=new, courier=courier, claimed_ms=asked.now_ms, state="claimed", rev=1, more={}
            )
            by = asked.by
            note = asked.note or f"from {trip.courier}"
            line = Line(new, 1, asked.now_ms, by.user, by.role, "reassign", None, "claimed", note)
            return Made(theirs, line, self._limit)

        return self._moves.apply(
            asked.fleet, trip_id, "reassign", asked.by, asked.now_ms,
            lambda *_: {"ended_ms": asked.now_ms, "passed_to": new},
            note=asked.note or f"to {courier}", passed=made, once=asked.once,
        )  # fmt: skip

    def _may_take(self, fleet: str, task_id: str, courier: str) -> None:
        task, claim, rider = self._store.desk(fleet, task_id, courier)
        user = self._people.who(fleet, courier)
        if user is None or user.role != "courier":
            raise Conflict(
                say(
                    "courier-not-found",
                    "{courier} is no courier of the fleet, and nobody could ride the trip; GET /v1/users "
                    "lists who is. The trip stays as it is.",
                    courier=courier,
                ),
                [{"field": "courier", "reason": say("no-courier", "is no courier of the fleet")}],
            )
        if user.disabled:
            raise Conflict(
                say(
                    "courier-disabled",
                    "{courier} is disabled, and could not ride the trip; GET /v1/users lists who could. The "
                    "trip stays as it is.",
                    courier=courier,
                ),
                [{"field": "courier", "reason": say("is-disabled", "is disabled")}],
            )
        if missing := [tag for tag in task.tags if tag not in user.tags] if task else []:
            raise Conflict(
                say(
                    "courier-lacks-tags",
                    "This task needs a courier with {tags: and }, which {courier} has not; name another one: "
                    "GET /v1/users tells everybody's tags.",
                    tags=missing,
                    courier=courier,
                ),
                [{"field": "courier", "reason": say("lacks-tags", "has not {tags: and }", tags=missing)}],
            )
        if claim and claim.held:
            raise Conflict(
                say(
                    "courier-has-task",
                    "{courier} has this task already, trip {trip}; name another courier.",
                    courier=courier,
                    trip=claim.trip,
                )
            )
        if rider.open >= self._limit:
            raise Conflict(
                say(
                    "courier-has-enough",
                    "{courier} has {open} open trips, and may have {most}; name another courier, or see "
                    "GET /v1/trips?courier={courier}.",
                    courier=courier,
                    open=rider.open,
                    most=self._limit,
                )
            )

    def _step(self, asked: Asked, trip_id: str, action: Action, change: Any, note: str = "") -> Trip:
        trip = self._moves.apply(
            asked.fleet, trip_id, action, asked.by, asked.now_ms, change,
            note=note or asked.note, once=asked.once,
        )  # fmt: skip
        self._book.follow(trip, asked.now)
        return trip
