"""A manager agrees to what a settled trip pays, or takes that back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo.said import say
from stacks.tasks.moves import Actor, Moves
from stacks.tasks.once import Once
from stacks.tasks.reckoning import NEWER, RECKONING, Reckoning, kept_on
from storage.tasks import Courier, Trip
from telemetry.problem import Conflict

REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Approval:
    moves: Moves

    def approve(
        self,
        fleet: str,
        trip_id: str,
        by: Actor,
        now_ms: int,
        note: str = "",
        revision: int | None = None,
        once: Once | None = None,
    ) -> Trip:
        """revision: of the record that was looked at; None agrees to whichever stands there.

        Raises Conflict where the trip is not settled, or was settled anew since.
        """

        def other(trip: Trip) -> Reckoning | None:
            kept = kept_on(trip)
            return kept if kept and revision not in {None, kept.revision} else None

        def agreed(trip: Trip, _: Courier) -> Mapping[str, Any]:
            if kept := other(trip):
                raise Conflict(
                    say(
                        "settled-again",
                        "The trip was settled again and pays {total} {currency} by revision {revision}; look "
                        "at GET /v1/trips/{trip}/bonus, and approve that.",
                        total=str(kept.total),
                        currency=kept.currency,
                        revision=kept.revision,
                        trip=trip_id,
                    )
                )
            return {"more": _without(trip.more, REJECTED)}

        trip = self.moves.trip(fleet, trip_id, by)
        if trip.state == "approved" and (kept := other(trip)):  # no repetition of that approval
            raise Conflict(
                say(
                    "approved-already",
                    "The trip is approved by revision {revision} and pays {total} {currency}; to approve "
                    "another, take that back first: POST /v1/trips/{trip}/reject.",
                    revision=kept.revision,
                    total=str(kept.total),
                    currency=kept.currency,
                    trip=trip_id,
                )
            )
        return self.moves.apply(fleet, trip_id, "approve", by, now_ms, agreed, note=note, once=once)

    def reject(
        self, fleet: str, trip_id: str, by: Actor, now_ms: int, note: str, once: Once | None = None
    ) -> Trip:
        """The trip is settled again, by the newest record that there is. Raises Conflict."""

        def taken_back(trip: Trip, _: Courier) -> Mapping[str, Any]:
            more = {**trip.more, REJECTED: {"by": by.user, "at_ms": now_ms, "note": note}}
            if NEWER in more:
                more[RECKONING] = more[NEWER]
            return {"more": _without(more, NEWER)}

        return self.moves.apply(
            fleet, trip_id, "reject", by, now_ms, taken_back, note=note, once=once,
            done=lambda trip: trip.state == "settled" and REJECTED in trip.more,
        )  # fmt: skip


def _without(more: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in more.items() if key != name}
