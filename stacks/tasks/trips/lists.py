"""GET /v1/trips and GET /v1/trips/{trip}/audit."""

from __future__ import annotations

from stacks.tasks.moves import Actor, Moves
from stacks.tasks.paging import Page
from storage.tasks import Line, TaskStore, Trip
from telemetry.api import Caller
from telemetry.life import State
from telemetry.problem import BadRequest


class Lists:
    def __init__(self, store: TaskStore) -> None:
        self._store = store
        self._moves = Moves(store)

    def page(
        self, caller: Caller, courier: str | None, state: State | None, page: Page
    ) -> tuple[list[Trip], str | None]:
        """Newest first, and where the next page begins: a courier's own; for the others, a courier's or the
        fleet's in one state. A page chosen by both may have fewer than its limit. Raises BadRequest.
        """
        courier = caller.user if caller.role == "courier" else courier
        if courier:
            found = self._store.trips_of(caller.fleet, courier, page.after, page.limit)
        elif state:
            found = self._store.trips_in(caller.fleet, state, page.after, page.limit)
        else:
            raise BadRequest(
                "Say which trips: ?state=started or another state, or ?courier= with a courier's name.",
                [{"field": "state", "reason": "is missing, and courier too"}],
            )
        behind = found[-1].trip if len(found) == page.limit else None
        return [trip for trip in found if state in {None, trip.state}], behind

    def audit(self, caller: Caller, by: Actor, trip_id: str) -> tuple[Trip, list[Line]]:
        """Raises NotFound, or Forbidden where it is another courier's."""
        trip = self._moves.trip(caller.fleet, trip_id, by)
        return trip, self._store.audit(caller.fleet, trip_id)
