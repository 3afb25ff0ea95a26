"""GET /v1/trips and GET /v1/trips/{trip}/audit."""

from __future__ import annotations

from dataclasses import dataclass

from geo.said import say
from stacks.tasks.moves import Actor, Moves
from stacks.tasks.paging import Page
from storage.tasks import Line, TaskStore, Trip
from telemetry.api import Caller
from telemetry.fields import wrong
from telemetry.life import State
from telemetry.problem import BadRequest


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the trips is wanted; None: whichever."""

    courier: str | None = None
    state: State | None = None
    task: str | None = None


class Lists:
    def __init__(self, store: TaskStore) -> None:
        self._store = store
        self._moves = Moves(store)

    def page(self, caller: Caller, asked: Asked, page: Page) -> tuple[list[Trip], str | None]:
        """Newest first, and where the next page begins: a courier's own; for the others, a courier's, the
        fleet's in one state, or a task's, which are by courier and of each the newest. A page chosen by more
        than one may have fewer than its limit. Raises BadRequest.
        """
        courier = caller.user if caller.role == "courier" else asked.courier
        state, task = asked.state, asked.task
        if courier:
            found = self._store.trips_of(caller.fleet, courier, page.after, page.limit)
        elif task:
            found = self._store.trips_on(
                caller.fleet, task, self._behind(caller.fleet, task, page), page.limit
            )
        elif state:
            found = self._store.trips_in(caller.fleet, state, page.after, page.limit)
        else:
            raise BadRequest(
                say(
                    "which-trips",
                    "Say which trips: ?state=started or another state, ?courier= with a name, or ?task=.",
                ),
                [{"field": "state", "reason": say("none-of-three", "is missing, and courier and task too")}],
            )
        behind = found[-1].trip if len(found) == page.limit else None
        chosen = [it for it in found if state in {None, it.state} and task in {None, it.task}]
        return chosen, behind

    def _behind(self, fleet: str, task: str, page: Page) -> str | None:
        """The courier with whom the page before ended. Raises BadRequest."""
        if page.after is None:
            return None
        last = self._store.trip(fleet, page.after)
        if last is None or last.task != task:
            other = say("page-of-other-task", "must be `next` of the page before, which was of the same task")
            raise wrong("after", other)
        return last.courier

    def audit(self, caller: Caller, by: Actor, trip_id: str) -> tuple[Trip, list[Line]]:
        """Raises NotFound, or Forbidden where it is another courier's."""
        trip = self._moves.trip(caller.fleet, trip_id, by)
        return trip, self._store.audit(caller.fleet, trip_id)
