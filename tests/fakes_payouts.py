"""In-memory adapters of what stands beside tasks and trips in their table: payouts and photos."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from storage.payouts import Head, Payout
from storage.photos import HEAD_BYTES, THERE, Photo, Seen, Upload
from storage.tasks import Kept
from tests.fakes_stacks import FakeTasks


class FakePayouts:
    def __init__(self, tasks: FakeTasks) -> None:
        self.tasks = tasks
        self.rows: dict[tuple[str, str], Payout] = {}
        self.in_making: dict[str, str] = {}

    def begin(self, payout: Payout, kept: Kept | None = None) -> bool:
        fleet, row = payout.fleet, (payout.fleet, payout.payout)
        if fleet in self.in_making or row in self.rows or self.tasks._known(fleet, kept):
            return False
        self.in_making[fleet], self.rows[row] = payout.payout, payout
        self.tasks._answered(fleet, kept)
        return True

    def making(self, fleet: str) -> str | None:
        return self.in_making.get(fleet)

    def get(self, fleet: str, payout: str) -> Payout | None:
        return self.rows.get((fleet, payout))

    def complete(self, payout: Payout) -> bool:
        row = payout.fleet, payout.payout
        if self.rows[row].lines is not None or self.in_making.get(payout.fleet) != payout.payout:
            return False
        self.rows[row] = replace(self.rows[row], lines=payout.lines)
        del self.in_making[payout.fleet]
        return True

    def page(self, fleet: str, after: str | None, limit: int) -> list[Head]:
        rows = self.rows.values()
        mine = [it.head for it in rows if it.fleet == fleet and (after is None or it.payout < after)]
        return sorted(mine, key=lambda it: it.payout, reverse=True)[:limit]


class FakePhotos:
    def __init__(self, tasks: FakeTasks) -> None:
        self.tasks = tasks
        self.rows: dict[tuple[str, str, str], Photo] = {}
        self.asked: dict[tuple[str, str], int] = {}

    def ask(self, fleet: str, trip: str, most: int) -> bool:
        asked = self.asked.get((fleet, trip), 0)
        if asked >= most:
            return False
        self.asked[fleet, trip] = asked + 1
        return True

    def count(self, fleet: str, photo: Photo, states: Any, most: int) -> bool:
        row, trip = (fleet, photo.trip, photo.photo), self.tasks.trips[fleet, photo.trip]
        there = trip.more.get(THERE, 0)
        if row in self.rows or trip.state not in states or there >= most:
            return False
        self.rows[row] = photo
        self.tasks.trips[fleet, photo.trip] = replace(trip, more={**trip.more, THERE: there + 1})
        return True

    def get(self, fleet: str, trip: str, photo: str) -> Photo | None:
        return self.rows.get((fleet, trip, photo))

    def all(self, fleet: str, trip: str) -> list[Photo]:
        return [self.rows[row] for row in sorted(self.rows) if row[:2] == (fleet, trip)]


class FakeFiles:
    """The bucket; `put` is what a phone does with the address that it was given."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[str, bytes]] = {}

    def put(self, upload: Any, body: bytes) -> None:
        self.files.setdefault(upload["url"], (upload["headers"]["content-type"], body))

    def upload(self, fleet: str, trip: str, photo: str, content_type: str, size: int) -> Upload:
        headers = {"content-type": content_type, "content-length": str(size), "if-none-match": "*"}
        return Upload(self._url("photo-uploads", fleet, trip, photo), headers)

    def look(self, fleet: str, trip: str, photo: str) -> Seen | None:
        kind, body = self.files.get(self._url("photo-uploads", fleet, trip, photo), ("", b""))
        return Seen(kind, len(body), body[:HEAD_BYTES], str(hash(body))) if body else None

    def keep(self, fleet: str, trip: str, photo: str, seen: Seen) -> bool:
        sent = self.files.get(self._url("photo-uploads", fleet, trip, photo))
        if sent is None or str(hash(sent[1])) != seen.etag:
            return False
        self.files[self._url("photos", fleet, trip, photo)] = sent
        return True

    def link(self, fleet: str, photo: Photo) -> str:
        return self._url("photos", fleet, photo.trip, photo.photo)

    @staticmethod
    def _url(*parts: str) -> str:
        return f"https://files.example/{'/'.join(parts)}"


class FakeLater:
    def __init__(self) -> None:
        self.sent: list[Any] = []

    def send(self, message: Any) -> None:
        self.sent.append(dict(message))
