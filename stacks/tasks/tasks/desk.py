"""Tasks: making one, listing them, and who gets one that several want."""

from __future__ import annotations

from dataclasses import dataclass

from storage.catalog import Catalog
from storage.tasks import Bonus, Task, TaskStore
from telemetry.body import wrong
from telemetry.names import new_id
from telemetry.problem import Conflict, NotFound, Unavailable

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task to make; without a title it takes the route's name. deadline_s: Unix seconds."""

    route: str
    title: str
    bonus: Bonus
    deadline_s: float


class Desk:
    def __init__(self, tasks: TaskStore, catalog: Catalog) -> None:
        self._tasks = tasks
        self._catalog = catalog

    def create(self, fleet: str, wanted: Wanted, now: float) -> Task:
        """Raises BadRequest where the route is unknown or the deadline over, Conflict where it is retired."""
        if wanted.deadline_s <= now:
            raise wrong("deadline", "must lie in the future; Unix seconds are expected")
        route = self._catalog.get(fleet, wanted.route)
        if route is None:
            raise wrong("route", "is not a published route; GET /v1/routes lists them, written id@version")
        if route.retired_ms is not None:
            raise Conflict(
                f"Route {route.route} is retired; GET /v1/routes lists those that tasks are made on."
            )
        task = Task(
            fleet=fleet,
            task=new_id("tk", now),
            title=wanted.title or route.name,
            route=route.route,
            bonus=wanted.bonus,
            deadline_ms=round(wanted.deadline_s * 1000),
            created_ms=round(now * 1000),
        )
        self._tasks.add(task)
        return task

    def page(self, fleet: str, status: str | None, after: str | None, limit: int) -> list[Task]:
        return self._tasks.page(fleet, status, after, limit)

    def claim(self, fleet: str, task_id: str, courier: str, now: float) -> Task:
        """The task, claimed by `courier` now or before.

        Raises NotFound, or Conflict when another has it or its deadline is over.
        """
        now_ms = round(now * 1000)
        for _ in range(_ATTEMPTS):
            self._tasks.claim(fleet, task_id, courier, now_ms)
            task = self._tasks.get(fleet, task_id)
            if task is None:
                raise NotFound(f"There is no task {task_id}; GET /v1/tasks?status=open lists those to claim.")
            if task.courier == courier:
                return task
            if task.courier is not None:
                raise Conflict("Another courier has this task; see GET /v1/tasks?status=open for others.")
            if task.deadline_ms <= now_ms:
                raise Conflict("This task's deadline is over; see GET /v1/tasks?status=open for others.")
        raise Unavailable("The task is busy; repeat the claim.")
