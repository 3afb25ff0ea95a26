"""A settled record → what its trip pays, once for each revision, whatever order they come in.

The decision is one transaction on the trip (stacks/tasks/moves.py), and an older revision than the trip knows
changes nothing, so that each record may come again, late, or beside another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stacks.tasks.moves import SYSTEM, Moves, Tries, five
from stacks.tasks.reckoning import NEWER, RECKONING, newest, reckon, to_kept
from storage.settlements import Standing
from storage.tasks import Trip
from telemetry.clock import Clock
from telemetry.life import HELD, TRANSITIONS
from telemetry.problem import Conflict, Unavailable

Did = Literal["settled", "marked", "known", "unpaid", "unknown"]
"""unpaid: the trip was cancelled, and pays nothing; unknown: it came from no task."""


class TooEarly(Exception):
    """The pipeline settled the trip before its own finish is here: it comes again."""


@dataclass(frozen=True, slots=True)
class Reckoner:
    moves: Moves
    clock: Clock
    tries: Tries = five

    def take(self, standing: Standing) -> Did:
        """standing: of the pipeline, settled. Raises TooEarly, Unavailable, and what `reckon` raises."""
        for _ in self.tries():
            trip = self.moves.store.trip(standing.trip.fleet, standing.trip.trip)
            if trip is None or standing.settled is None:
                return "unknown"
            if trip.state in HELD:
                raise TooEarly(f"trip {trip.trip} is {trip.state}")
            payable = trip.state in TRANSITIONS["settle"].sources | TRANSITIONS["revise"].sources
            if not payable:
                return "unpaid"
            if newest(trip) >= standing.settled.revision:
                return "known"
            try:
                return self._put(trip, standing)
            except Conflict:
                continue  # it was approved, rejected or paid just then
        raise Unavailable("The trip is busy.")

    def _put(self, trip: Trip, standing: Standing) -> Did:
        settled, now_ms = standing.settled, round(self.clock() * 1000)
        assert settled is not None  # noqa: S101 - `take` has looked
        made = reckon(trip, settled, now_ms)
        late = trip.state in TRANSITIONS["revise"].sources
        self.moves.apply(
            trip.fleet, trip.trip, "revise" if late else "settle", SYSTEM, now_ms,
            note=f"revision {made.revision}: {made.total} {made.currency}",
            more={NEWER if late else RECKONING: to_kept(made)},
            done=lambda it: newest(it) >= settled.revision,
        )  # fmt: skip
        return "marked" if late else "settled"
