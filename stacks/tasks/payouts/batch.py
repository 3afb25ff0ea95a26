"""A payout: which approved trips are paid together, each once in its life.

One transaction holds 100 items, and a payout more trips than that, so that it is made in three steps, each of
which may be done again (docs/decisions/0030): the payout's row with its plan; the trips one by one, each by a
transition that asks for the very revision of the trip that was planned; then its lines, of those that it
paid. After a crash in between, whoever asks next goes on with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from geo.said import say
from stacks.tasks.moves import Actor, Moves
from stacks.tasks.once import Once
from stacks.tasks.reckoning import owed
from storage.damage import Damaged
from storage.payouts import Paid, Payout, PayoutStore, Planned
from storage.tasks import Courier, Kept, Trip
from telemetry.names import new_id
from telemetry.problem import Conflict, NotFound, Unavailable

PAYOUT = "payout"
MOST = 400
"""Trips of one payout: each takes a read and a transaction, and a request has 30 seconds for all. The lines
fit an item of 400 KB, whatever the titles are made of.
"""
_PAGE = 100
"""Trips of one query, whose answer ends at 1 MB."""


@dataclass(frozen=True, slots=True)
class Payouts:
    moves: Moves
    store: PayoutStore
    most: int = MOST

    def make(self, fleet: str, by: Actor, now: float, once: Once | None = None) -> Payout:
        """A complete payout: the one that was in the making, or else a new one of what is approved, the
        trips that were claimed first being first. Raises Conflict where nothing is, Damaged, Unavailable.
        """
        now_ms = round(now * 1000)
        for _ in self.moves.tries():
            if (name := self.store.making(fleet)) is None:
                name = new_id("po", now)
                begun = Payout(fleet, name, now_ms, by.user, self._plan(fleet))
                if not self.store.begin(begun, _kept(once, name)):
                    continue
            elif (kept := _kept(once, name)) and not self.moves.store.keep(fleet, kept):
                continue
            return self.go_on(fleet, name, by, now)
        raise Unavailable(say("payout-in-making", "Another payout is being made; repeat the request."))

    def go_on(self, fleet: str, name: str, by: Actor, now: float) -> Payout:
        """The payout, complete. Raises NotFound, Damaged."""
        payout = self.get(fleet, name)
        if payout.lines is not None:
            return payout
        tried = (self._pay(fleet, it, name, by, round(now * 1000)) for it in payout.planned)
        complete = replace(payout, lines=tuple(_line(trip) for trip in tried if trip))
        for _ in self.moves.tries():
            if self.store.complete(complete):
                return complete
            # Who was quicker wrote the same lines: what was planned is paid, or can never be paid by it.
            if (known := self.get(fleet, name)).lines is not None:
                return known
        raise Unavailable(say("payout-busy", "The payout is busy; repeat the request."))

    def get(self, fleet: str, name: str) -> Payout:
        """Raises NotFound."""
        found = self.store.get(fleet, name)
        if found is None:
            raise NotFound(
                say(
                    "payout-not-found",
                    "There is no payout {payout}; GET /v1/payouts lists them.",
                    payout=name,
                )
            )
        return found

    def approved(self, fleet: str) -> Iterator[Trip]:
        """What is approved and not paid."""
        after: str | None = None
        while True:
            found = self.moves.store.trips_in(fleet, "approved", after, _PAGE)
            yield from found
            if len(found) < _PAGE:
                return
            after = found[-1].trip

    def _plan(self, fleet: str) -> tuple[Planned, ...]:
        """Raises Conflict where there is nothing to pay; Damaged where it cannot be told what, and then none
        is planned: an admin is not to take the sum for all that is owed.
        """
        oldest = sorted(trip.trip for trip in self.approved(fleet))[: self.most]
        # Lists lag behind: what was paid a moment ago may still stand there.
        trips = (self.moves.store.trip(fleet, name) for name in oldest)
        plan = tuple(_planned(trip) for trip in trips if trip and trip.state == "approved")
        if not plan:
            raise Conflict(
                say(
                    "nothing-to-pay",
                    "Nothing is approved and unpaid; GET /v1/trips?state=settled lists what to approve.",
                )
            )
        return plan

    def _pay(self, fleet: str, planned: Planned, name: str, by: Actor, now_ms: int) -> Trip | None:
        """The trip, paid by this payout, now or before; None where it never can be. Raises Damaged."""

        def as_planned(trip: Trip, _: Courier) -> Mapping[str, Any]:
            # Also approved anew, it is the next payout's: else one that lags behind could pay it here after
            # another has written the lines without it.
            if trip.rev != planned.rev:
                raise Conflict(f"Trip {trip.trip} has changed since.")
            _line(trip)  # or it would be paid, and in no payout's lines
            return {}

        mark = {PAYOUT: name}
        try:
            trip = self.moves.apply(fleet, planned.trip, "pay", by, now_ms, as_planned, note=name, more=mark)
        except Conflict:
            return None
        return trip if trip.more.get(PAYOUT) == name else None


def _planned(trip: Trip) -> Planned:
    _line(trip)
    return Planned(trip.trip, trip.rev)


def _line(trip: Trip) -> Paid:
    """Raises Damaged."""
    kept = owed(trip)
    if trip.ended_ms is None:
        raise Damaged(trip.fleet, trip.trip, "it was approved without an end")
    return Paid(
        trip.trip,
        trip.task,
        trip.title,
        trip.courier,
        str(kept.total),
        kept.currency,
        trip.ended_ms,
        kept.revision,
    )


def _kept(once: Once | None, name: str) -> Kept | None:
    """A repetition is answered from the payout itself."""
    if once is None:
        return None
    nothing = orjson.dumps(None).decode()
    return Kept(once.user, once.key, once.digest, name, once.status, nothing, once.expires_s)
