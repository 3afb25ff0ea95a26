"""Tasks: making one, listing them, taking one back."""

from __future__ import annotations

from dataclasses import replace

from geo.said import say
from stacks.tasks import bonus
from stacks.tasks.missing import no_task
from stacks.tasks.moves import Tries, five
from stacks.tasks.once import Once, kept
from stacks.tasks.paging import Page
from stacks.tasks.tasks.plan import plan
from stacks.tasks.tasks.shapes import NewTask
from storage.catalog import Catalog
from storage.tasks import Task, TaskStore
from telemetry.fields import wrong
from telemetry.names import id_of, new_id
from telemetry.problem import Conflict, Unavailable


class Desk:
    def __init__(self, tasks: TaskStore, catalog: Catalog, tries: Tries = five) -> None:
        self._tasks = tasks
        self._catalog = catalog
        self._tries = tries

    def create(self, fleet: str, new: NewTask, now: float, once: Once | None = None) -> Task:
        """Raises BadRequest when there is no such route, or the times or the bonus cannot be; Conflict where
        the route is retired.
        """
        task = self.made(fleet, new, now)
        if not self._tasks.add(task, kept(once, task)):
            raise Unavailable(
                say("task-not-made", "The task could not be made just then; repeat the request.")
            )
        return task

    def again(self, fleet: str, schedule: str, new: NewTask, at: float) -> bool:
        """Whether the schedule's task of the time `at` is made now; it may be there already.

        Raises as `create` does.
        """
        task = replace(self.made(fleet, new, at), task=id_of("tk", at, schedule))
        if self._tasks.add(task):
            return True
        # Not for it being there alone: a throttled transaction is lost, too.
        if self._tasks.get(fleet, task.task) is None:
            raise Unavailable(
                say("task-to-be-made-again", "The task could not be made just then; it is to be made again.")
            )
        return False

    def made(self, fleet: str, new: NewTask, now: float) -> Task:
        """A task that is not stored. Raises as `create` does."""
        now_ms = round(now * 1000)
        times = plan(new, now_ms)
        pays = bonus.terms(new.bonus.amount, new.bonus.currency, new.bonus.rules)
        route = self._catalog.get(fleet, new.route)
        if route is None:
            raise wrong(
                "route",
                say(
                    "route-not-published",
                    "is not a published route; GET /v1/routes lists them, written id@version",
                ),
            )
        if route.retired_ms is not None:
            raise Conflict(
                say(
                    "route-retired",
                    "Route {route} is retired; GET /v1/routes lists those that tasks are made on.",
                    route=route.route,
                )
            )
        return Task(
            fleet=fleet,
            task=new_id("tk", now),
            title=new.title or route.name,
            route=route.route,
            bonus=pays,
            created_ms=now_ms,
            opens_ms=times.opens_ms,
            closes_ms=times.closes_ms,
            start_from_ms=times.start_from_ms,
            start_until_ms=times.start_until_ms,
            deadline_ms=times.deadline_ms,
            quantity=new.quantity,
            left=new.quantity,
            tags=tuple(sorted(set(new.tags))),
            photos=new.photos,
            notes=new.notes,
            place=(route.start[1], route.start[0]) if route.start else None,
        ).at(now_ms)

    def page(self, fleet: str, status: str | None, page: Page, now: float) -> tuple[list[Task], str | None]:
        """The tasks that have the status now, and where the next page begins. Lists hear of a status a moment
        late, so that a page may have fewer than its limit.
        """
        now_ms = round(now * 1000)
        found = self._tasks.page(fleet, status, page.after, page.limit)
        behind = found[-1].task if len(found) == page.limit else None
        tasks = [task.at(now_ms) for task in found]
        return [task for task in tasks if status in {None, task.status}], behind

    def get(self, fleet: str, task_id: str, now: float) -> Task:
        """Raises NotFound."""
        task = self._tasks.get(fleet, task_id)
        if task is None:
            raise no_task(task_id)
        return task.at(round(now * 1000))

    def withdraw(self, fleet: str, task_id: str, now: float, once: Once | None = None) -> Task:
        """Nobody claims it any more; trips that were claimed go on. Raises NotFound."""
        for _ in self._tries():
            task = self.get(fleet, task_id, now)
            if task.withdrawn:
                if once:
                    self._tasks.keep(fleet, once.of(task))
                return task
            gone = replace(task, withdrawn=True, status="withdrawn", rev=task.rev + 1)
            if self._tasks.change(task, gone, kept(once, gone)):
                return gone
        raise Unavailable(say("task-busy", "The task is busy; repeat the request."))
