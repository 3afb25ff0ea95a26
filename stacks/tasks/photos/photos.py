"""Photos of a trip: an address to send one to, what counts as being there, and links to look at them."""

from __future__ import annotations

from dataclasses import dataclass

from geo.said import say
from stacks.tasks.moves import Actor, Moves
from stacks.tasks.photos.kinds import KINDS, LARGEST
from storage.photos import THERE, Photo, PhotoFiles, PhotoStore, Seen, Upload
from storage.tasks import Trip
from telemetry.fields import none_of, wrong
from telemetry.life import State
from telemetry.names import new_id
from telemetry.problem import Conflict, Unavailable

MOST = 20
"""Photos of one trip."""
MOST_ASKED = 3 * MOST
"""Addresses that a trip is given, used or not: each is room for a file."""
TAKES: frozenset[State] = frozenset({"claimed", "started", "paused", "abandoned", "finished", "settled"})
"""Until somebody agreed to what the trip pays."""


@dataclass(frozen=True, slots=True)
class Photos:
    moves: Moves
    store: PhotoStore
    files: PhotoFiles

    def slot(
        self, fleet: str, trip_id: str, by: Actor, content_type: str, size: int, now: float
    ) -> tuple[str, Upload]:
        """A new photo's name and how to send it. Raises BadRequest, Conflict when there were enough."""
        if content_type not in KINDS:
            raise none_of("content_type", KINDS)
        if not 0 < size <= LARGEST:
            raise wrong(
                "size", say("photo-size", "must be a whole number of bytes from 1 to {most}", most=LARGEST)
            )
        self._may_have_more(self.moves.trip(fleet, trip_id, by))
        if not self.store.ask(fleet, trip_id, MOST_ASKED):
            raise Conflict(
                say(
                    "photo-addresses-enough",
                    "The trip was given {most} addresses, which is as many as it gets; confirm what was "
                    "sent.",
                    most=MOST_ASKED,
                )
            )
        photo = new_id("ph", now)
        return photo, self.files.upload(fleet, trip_id, photo, content_type, size)

    def confirm(self, fleet: str, trip_id: str, photo: str, by: Actor, now: float) -> tuple[Trip, Photo]:
        """Keep and count it, where it was sent; again changes nothing. Raises Conflict where none was.

        Kept first: what counts is there, whatever ends us between the two.
        """
        for _ in self.moves.tries():
            trip = self.moves.trip(fleet, trip_id, by)
            if known := self.store.get(fleet, trip_id, photo):
                return trip, known
            self._may_have_more(trip)
            seen = self._seen(fleet, trip_id, photo)
            if not self.files.keep(fleet, trip_id, photo, seen):
                raise _missing(trip_id, photo)
            found = Photo(trip_id, photo, seen.content_type, seen.size, round(now * 1000))
            self.store.count(fleet, found, TAKES, MOST)
        raise Unavailable(say("photo-busy", "The trip is busy; repeat the confirmation."))

    def all(self, fleet: str, trip_id: str, by: Actor) -> tuple[Trip, list[tuple[Photo, str]]]:
        """The photos that are there, each with its address. Raises NotFound, Forbidden."""
        trip = self.moves.trip(fleet, trip_id, by)
        return trip, [(photo, self.files.link(fleet, photo)) for photo in self.store.all(fleet, trip_id)]

    def _may_have_more(self, trip: Trip) -> None:
        if trip.state not in TAKES:
            raise Conflict(
                say("photos-over", "The trip is {state} and takes no more photos.", state=trip.state)
            )
        if int(trip.more.get(THERE, 0)) >= MOST:
            raise Conflict(
                say(
                    "photos-enough", "The trip has {most} photos, which is as many as it can have.", most=MOST
                )
            )

    def _seen(self, fleet: str, trip: str, photo: str) -> Seen:
        seen = self.files.look(fleet, trip, photo)
        if seen is None:
            raise _missing(trip, photo)
        # The signed address holds a sender to type and size; what is counted is looked at all the same.
        kind = KINDS.get(seen.content_type)
        if seen.size > LARGEST or kind is None or not kind(seen.head):
            raise Conflict(
                say(
                    "photo-unfit",
                    "What was sent as photo {photo} is no {content_type} of at most {most} bytes; take it "
                    "again and ask for a new address: POST /v1/trips/{trip}/photos.",
                    photo=photo,
                    content_type=seen.content_type,
                    most=LARGEST,
                    trip=trip,
                )
            )
        return seen


def _missing(trip: str, photo: str) -> Conflict:
    return Conflict(
        say(
            "photo-not-sent",
            "Photo {photo} is not there; send it to the address that POST /v1/trips/{trip}/photos gave, or "
            "ask for a new address: it holds for five minutes, and what was sent waits three days to be "
            "confirmed.",
            photo=photo,
            trip=trip,
        )
    )
