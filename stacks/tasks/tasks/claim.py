"""The competition: of the couriers who want a place, each place is one's.

Who comes too late is told so from the reading of the task alone: only those who can win write.
"""

from __future__ import annotations

from geo.said import say
from stacks.tasks.moves import Tries, five
from stacks.tasks.once import Once, kept
from storage.tasks import Courier, Line, Made, Status, Task, TaskStore, Trip
from storage.users import People
from telemetry.api import Caller
from telemetry.names import new_id
from telemetry.problem import Conflict, Forbidden, NotFound, Problem, Unavailable


class Claims:
    """people: who has which tags, and is disabled. limit: how many open trips a courier may have."""

    def __init__(self, tasks: TaskStore, people: People, limit: int, tries: Tries = five) -> None:
        self._tasks, self._people = tasks, people
        self._limit = limit
        self._tries = tries

    def claim(self, caller: Caller, task_id: str, now: float, once: Once | None = None) -> Trip:
        """The courier's trip of the task, claimed now, or before where nothing else says whether this is a
        repetition.

        Raises NotFound, Forbidden when a tag is missing or the courier is disabled, Conflict when others have
        all places, its time is over, or the courier has it already or too many others.
        """
        fleet, now_ms = caller.fleet, round(now * 1000)
        for _ in self._tries():
            task, claim, courier = self._tasks.desk(fleet, task_id, caller.user)
            if task is None:
                raise NotFound(
                    say(
                        "task-to-claim-not-found",
                        "There is no task {task}; GET /v1/tasks?status=open lists those to claim.",
                        task=task_id,
                    )
                )
            if claim and claim.held:
                return self._own(fleet, claim.trip, once)
            if problem := refusal(task, courier, self._limit, now_ms):
                raise problem
            tags = self.tags(caller)
            if missing := [tag for tag in task.tags if tag not in tags]:
                raise Forbidden(
                    say(
                        "tags-needed",
                        "This task needs a courier with {tags: and }; ask your fleet's admin, who gives tags "
                        "to users, or see GET /v1/tasks?status=open for others.",
                        tags=missing,
                    )
                )
            made = begun(task, caller.user, now, self._limit)
            if self._tasks.claim(task, made, kept(once, made.trip)):
                return made.trip
        raise Unavailable(say("claim-busy", "The task is busy; repeat the claim."))

    def tags(self, caller: Caller) -> frozenset[str]:
        """A courier's, as an admin gave them to now. Raises Forbidden when they are disabled."""
        user = self._people.who(caller.fleet, caller.user)
        if user and not user.rides:
            raise Forbidden(
                say("courier-no-longer", "You are no longer a courier of the fleet; ask your fleet's admin.")
            )
        return frozenset(user.tags if user else ())

    def _own(self, fleet: str, trip_id: str, once: Once | None) -> Trip:
        trip = self._tasks.trip(fleet, trip_id)
        if trip and trip.state == "claimed" and once is None:
            return trip
        raise Conflict(
            say(
                "task-yours-already",
                "You have this task already: trip {trip} is {state}; go on with it, or see "
                "GET /v1/tasks?status=open for others.",
                trip=trip_id,
                state=trip.state if trip else "yours",
            ),
            extra={"trip": trip_id},
        )


def refusal(task: Task, courier: Courier, limit: int, now_ms: int) -> Problem | None:
    """Why the courier cannot claim the task now, whoever they are, and what to do instead."""
    if closed := _closed(task, task.status_at(now_ms)):
        return Conflict(closed)
    if courier.open >= limit:
        return Conflict(
            say(
                "trips-enough",
                "You have {open} open trips, and may have {most}; finish or release one first: "
                "GET /v1/trips lists them.",
                open=courier.open,
                most=limit,
            )
        )
    return None


def _closed(task: Task, status: Status) -> str | None:
    """Why a task of this status cannot be claimed; None where it can."""
    match status:
        case "withdrawn":
            return say("task-withdrawn", "This task was withdrawn; see GET /v1/tasks?status=open for others.")
        case "scheduled":
            return say(
                "task-not-open-yet",
                "This task opens at {opens_at:moment}; claim it then; see GET /v1/tasks?status=open for "
                "others.",
                opens_at=task.opens_ms / 1000,
            )
        case "closed":
            return say(
                "task-closed",
                "Claims of this task ended at {closed_at:moment}; see GET /v1/tasks?status=open for others.",
                closed_at=task.closes_ms / 1000,
            )
        case "taken" if task.quantity == 1:
            return say(
                "task-taken", "Another courier has this task; see GET /v1/tasks?status=open for others."
            )
        case "taken":
            return say(
                "task-all-taken",
                "Other couriers have all places of this task; see GET /v1/tasks?status=open for others.",
            )
        case _:
            return None


def begun(task: Task, courier: str, now: float, limit: int) -> Made:
    """A new trip of the task, with what it needs of the task as it is now."""
    now_ms = round(now * 1000)
    trip = Trip(
        fleet=task.fleet,
        trip=new_id("tr", now),
        task=task.task,
        courier=courier,
        title=task.title,
        route=task.route,
        bonus=task.bonus,
        claimed_ms=now_ms,
        start_from_ms=task.start_from_ms,
        start_until_ms=task.start_until_ms,
        deadline_ms=task.deadline_ms,
        photos=task.photos,
    )
    return Made(trip, Line(trip.trip, trip.rev, now_ms, courier, "courier", "claim", None, "claimed"), limit)
