"""Transitions of trips, for whoever brings one about: allowed by the life cycle's table, and written with all
that changes with it in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from geo.said import say
from stacks.tasks.once import Once, kept
from storage.tasks import Courier, Line, Made, Move, TaskStore, Trip
from telemetry import life
from telemetry.life import Action, Who
from telemetry.problem import Conflict, Forbidden, NotFound, Unavailable

Tries = Callable[[], Iterable[object]]
"""How often something that somebody else was quicker at is tried, waiting in between."""

Change = Callable[[Trip, Courier], Mapping[str, Any]]
"""What else of a trip (its fields) changes with a transition; may raise a Problem. The courier is told where
the trip begins to be ridden."""


@dataclass(frozen=True, slots=True)
class Actor:
    user: str
    role: Who


SYSTEM = Actor("system", "system")


def nothing(_trip: Trip, _rider: Courier) -> Mapping[str, Any]:
    return {}


def five() -> Iterable[object]:
    return range(5)


@dataclass(frozen=True, slots=True)
class Moves:
    store: TaskStore
    tries: Tries = five

    def trip(self, fleet: str, trip_id: str, by: Actor) -> Trip:
        """Raises NotFound, or Forbidden where it is another courier's."""
        found = self.store.trip(fleet, trip_id)
        if found is None:
            raise NotFound(
                say(
                    "trip-not-found",
                    "There is no trip {trip}; GET /v1/trips lists yours, and POST /v1/tasks/{{task}}/claim "
                    "begins one.",
                    trip=trip_id,
                )
            )
        if by.role == "courier" and found.courier != by.user:
            raise Forbidden(
                say("trip-of-another", "This is another courier's trip; GET /v1/trips lists yours.")
            )
        return found

    def apply(
        self,
        fleet: str,
        trip_id: str,
        action: Action,
        by: Actor,
        now_ms: int,
        change: Change = nothing,
        *,
        note: str = "",
        more: Mapping[str, Any] | None = None,
        done: Callable[[Trip], bool] = lambda _: False,
        passed: Callable[[Trip], Made] | None = None,
        once: Once | None = None,
    ) -> Trip:
        """The trip after `action`, done now or before; the new one where it is passed on.

        more: attributes to be put on the trip with it, JSON values without fractions. done: tells, as the
        trip's state does, that the action was done before.
        Raises NotFound, Forbidden, Conflict when the state does not allow it, Unavailable.
        """
        if by.role not in life.TRANSITIONS[action].who:
            raise Forbidden(
                say(
                    "action-needs-role",
                    "To {action} a trip needs the role {roles: or }; you are signed in as {role}.",
                    action=action,
                    roles=sorted(life.TRANSITIONS[action].who),
                    role=by.role,
                )
            )
        for _ in self.tries():
            before = self.trip(fleet, trip_id, by)
            if before.state in life.TRANSITIONS[action].done or done(before):
                if once:
                    self.store.keep(fleet, once.of(before))
                return before
            state = life.target(before.state, action)
            if state is None:
                raise refusal(before, action, by)
            mounts = state in life.RIDING and before.state not in life.RIDING
            rider = self.store.courier(fleet, before.courier) if mounts else None
            kept_more = {"more": {**before.more, **(more or {})}}
            changed = kept_more | dict(change(before, rider or Courier()))
            after = replace(before, state=state, rev=before.rev + 1, **changed)
            line = Line(before.trip, after.rev, now_ms, by.user, by.role, action, before.state, state, note)
            task = self.store.get(fleet, before.task) if state in life.PLACE_BACK else None
            made = passed(before) if passed else None
            answer = made.trip if made else after
            move = Move(before, after, line, task, made, rider)
            if self.store.move(move, kept(once, answer)):
                return answer
        raise Unavailable(say("trip-busy", "The trip is busy; repeat the {action}.", action=action))


def refusal(trip: Trip, action: Action, by: Actor) -> Conflict:
    """That the trip's state does not allow `action`, and what may be done instead."""
    wanted = [state for state in life.STATES if state in life.TRANSITIONS[action].sources]
    ways = [f"POST /v1/trips/{trip.trip}/{it}" for it in life.possible(trip.state, by.role)]
    if not ways:
        return Conflict(
            say(
                "trip-over",
                "The trip is {state}; to {action} one, it must be {wanted: or }. GET /v1/trips lists your "
                "others.",
                state=trip.state,
                action=action,
                wanted=wanted,
            )
        )
    return Conflict(
        say(
            "trip-in-other-state",
            "The trip is {state}; to {action} one, it must be {wanted: or }. You may now: {ways}.",
            state=trip.state,
            action=action,
            wanted=wanted,
            ways=ways,
        )
    )
