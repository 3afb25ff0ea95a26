"""Starting and finishing a trip.

The decision is one transaction on the tasks table: the task's status and what its courier rides change
together or not at all, so that a courier never rides twice. What follows from it (stacks/tasks/trips/book.py)
is done again by every repetition, so that a crash in between heals.
"""

from __future__ import annotations

from stacks.tasks.trips import rules
from stacks.tasks.trips.book import Book
from storage.tasks import Ride, TaskStore
from storage.trips import Trip
from telemetry.names import new_id
from telemetry.problem import Forbidden, NotFound, Unavailable

_ATTEMPTS = 5


class Rides:
    def __init__(self, tasks: TaskStore, book: Book) -> None:
        self._tasks = tasks
        self._book = book

    def start(self, fleet: str, courier: str, task_id: str, at_ms: int | None, now: float) -> Trip:
        """The task's trip, started now or before.

        Raises NotFound, Forbidden when another claimed the task, Conflict when nobody did or the courier
        rides already, BadRequest when the time cannot be.
        """
        for _ in range(_ATTEMPTS):
            task = self._tasks.get(fleet, task_id)
            if task is None:
                raise NotFound(f"There is no task {task_id}; GET /v1/tasks lists them.")
            rules.check_claimer(task, courier)
            trip = rules.trip_of(task)
            if trip is not None:
                if trip.finished_ms is None:
                    self._book.start(trip, now)
                return trip
            ride = self._tasks.ride(fleet, courier)
            started_ms = rules.start_time(task, ride, at_ms, round(now * 1000))
            self._complete(fleet, ride, now)
            self._tasks.start(task, new_id("tr", now), started_ms, ride)
        raise Unavailable("The task is busy; repeat the start.")

    def _begun(self, fleet: str, courier: str, trip_id: str, now: float) -> Trip | None:
        """The trip that the courier rides, completed, where its start was decided but crashed."""
        ride = self._tasks.ride(fleet, courier)
        if ride.trip != trip_id or ride.task is None:
            return None
        return self.start(fleet, courier, ride.task, None, now)

    def _complete(self, fleet: str, ride: Ride, now: float) -> None:
        """Close the trip before, where its finish was decided but crashed: windows must never overlap."""
        task = self._tasks.get(fleet, ride.before) if ride.before else None
        trip = rules.trip_of(task) if task else None
        booked = self._book.trip(trip.trip) if trip else None
        if trip and booked and booked.finished_ms is None:
            self._book.finish(trip, now)

    def finish(self, fleet: str, courier: str, trip_id: str, at_ms: int | None, now: float) -> Trip:
        """The trip, finished now or before.

        Raises NotFound, Forbidden when it is another's, BadRequest when the time cannot be.
        """
        found = self._book.trip(trip_id) or self._begun(fleet, courier, trip_id, now)
        if found is None or found.fleet != fleet:
            raise NotFound(f"There is no trip {trip_id}; POST /v1/tasks/{{task}}/start answers with its id.")
        if found.courier != courier:
            raise Forbidden("This is another courier's trip.")
        for _ in range(_ATTEMPTS):
            task = self._tasks.get(fleet, found.task)
            trip = rules.trip_of(task) if task else None
            if task is None or trip is None:
                raise NotFound(f"There is no task {found.task} that this trip belongs to.")
            if trip.finished_ms is not None:
                self._book.finish(trip, now)
                return trip
            self._tasks.finish(task, rules.finish_time(trip, at_ms, round(now * 1000)))
        raise Unavailable("The trip is busy; repeat the finish.")
