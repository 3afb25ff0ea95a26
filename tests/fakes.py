"""In-memory adapters of the storage ports, with the same promises as the tables they stand for."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from geo.route import CompiledRoute
from ingest.receive.limits import Buckets, Limits, Rate
from storage.bulk_files import (
    MOST_UNFINISHED,
    PUT_S,
    RECENT_S,
    FileGone,
    Place,
    Standing,
    Stored,
    Summary,
    put_headers,
)
from storage.connections import TicketRefused, Viewer
from storage.devices import Device, key_hash
from storage.history import Keep
from storage.live import Found, Raced, Unreadable, Write
from storage.objects import Rejected
from storage.routes import RouteMissing
from storage.sockets import Gone
from storage.stream import Plain
from storage.windows import WindowTaken
from telemetry import history
from telemetry.history import Sighted, Sightings
from telemetry.live import Live, Window
from telemetry.names import new_id
from telemetry.upload import Upload, courier_key


class FakeLive:
    """damaged: keys of items that are there and cannot be read."""

    def __init__(self) -> None:
        self.items: dict[str, Live] = {}
        self.damaged: set[str] = set()
        self.writes = 0

    def get(self, key: str) -> Live | None:
        return self.get_many([key]).one(key)

    def get_many(self, keys: Iterable[str], *, consistent: bool = True) -> Found:
        wanted = set(keys)
        unreadable = {key: Unreadable(key, "damaged") for key in sorted(wanted & self.damaged)}
        lives = wanted & self.items.keys() - self.damaged
        return Found({key: self.items[key] for key in sorted(lives)}, unreadable)

    def put(self, live: Live, expected: int | None) -> None:
        key = courier_key(live.fleet, live.courier)
        if key in self.damaged:
            raise Unreadable(key, "damaged")
        current = self.items.get(key)
        if (current.version if current else None) != expected:
            raise Raced(current)
        self.items[key] = live
        self.writes += 1

    def put_many(self, writes: Sequence[Write]) -> list[Exception | None]:
        return [self._tried(*write) for write in writes]

    def _tried(self, live: Live, expected: int | None) -> Exception | None:
        try:
            self.put(live, expected)
        except Exception as error:  # noqa: BLE001 - as the port says: what became of each
            return error
        return None

    def fleet(self, fleet: str) -> Found:
        return self.get_many(key for key in {*self.items, *self.damaged} if key.startswith(f"{fleet}/"))


class FakeWindows:
    def __init__(self) -> None:
        self.rows: dict[str, dict[int, Window]] = {}

    def open(self, courier: str, window: Window) -> None:
        row = self.rows.setdefault(courier, {}).setdefault(window.start_ms, window)
        if row.trip != window.trip:
            raise WindowTaken(row.trip)

    def close(self, courier: str, window: Window) -> None:
        row = self.rows.get(courier, {}).get(window.start_ms)
        if row is None or row.trip != window.trip or row.end_ms not in {None, window.end_ms}:
            raise WindowTaken(window.trip)
        self.rows[courier][window.start_ms] = window

    def newest(self, courier: str, limit: int = 2) -> list[Window]:
        rows = self.rows.get(courier, {})
        return [rows[start] for start in sorted(rows)[-limit:]]

    def between(self, courier: str, from_ms: int, until_ms: int) -> list[Window]:
        rows = [w for _, w in sorted(self.rows.get(courier, {}).items())]
        return [w for w in rows if w.start_ms <= until_ms and (w.end_ms is None or w.end_ms >= from_ms)]


class FakeHistory:
    def __init__(self) -> None:
        self.chunks: dict[tuple[str, int], Sightings] = {}
        self.writes = 0
        self.error: Exception | None = None

    def unite(self, trip: str, bucket: int, new: Sequence[Sighted], keep: Keep) -> None:
        union = history.join_all(self.chunks.get((trip, bucket), Sightings()), new)
        keep(union.losers)
        if self.error:
            raise self.error
        if union.changed:
            self.chunks[trip, bucket] = union.sightings
            self.writes += 1

    def read(self, trip: str, from_bucket: int = 0) -> Sightings:
        found = Sightings()
        for (owner, bucket), sightings in self.chunks.items():
            if owner == trip and bucket >= from_bucket:
                found = history.join_all(found, sightings.parts).sightings
        return found


class FakeRoutes:
    def __init__(self, **routes: CompiledRoute) -> None:
        self.routes = routes

    def load(self, fleet: str, route: str) -> CompiledRoute:
        try:
            return self.routes[route.split("@", maxsplit=1)[0]]
        except KeyError as error:
            raise RouteMissing(route) from error


class FakeQuarantine:
    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, Rejected]] = {}
        self.error: Exception | None = None

    def keep(self, owner: str, rejected: Sequence[Rejected]) -> None:
        if self.error:
            raise self.error
        self.kept |= {r.hash: (owner, r) for r in rejected}

    @property
    def reasons(self) -> list[str]:
        return [r.reason for _, r in self.kept.values()]


class FakeStream:
    def __init__(self) -> None:
        self.records: list[Plain] = []
        self.error: Exception | None = None

    def put(self, uploads: Sequence[Upload]) -> None:
        self.put_plain([Plain(u.key, u.to_bytes()) for u in uploads])

    def put_plain(self, records: Sequence[Plain]) -> None:
        if self.error:
            raise self.error
        self.records += records

    @property
    def uploads(self) -> list[Upload]:
        return [Upload.from_bytes(record.data) for record in self.records]


class FakeSockets:
    def __init__(self) -> None:
        self.sent: dict[str, list[bytes]] = {}
        self.gone: set[str] = set()

    def send(self, connection: str, message: bytes) -> None:
        if connection in self.gone:
            raise Gone(connection)
        self.sent.setdefault(connection, []).append(message)


class FakeConnections:
    def __init__(self) -> None:
        self.topics: dict[str, list[str]] = {}
        self.viewers: dict[str, Viewer] = {}
        self.tickets = {"good": Viewer("demo", "manager", "manager")}
        self.removed: list[str] = []

    def issue_ticket(self, viewer):
        return "good", 1_795_492_930

    def redeem(self, ticket):
        if ticket not in self.tickets:
            raise TicketRefused("the ticket is unknown, used or older than 30 seconds")
        return self.tickets.pop(ticket)

    def add(self, connection, viewer):
        self.viewers[connection] = viewer

    def viewer(self, connection):
        return self.viewers.get(connection)

    def subscribe(self, connection, topic):
        self.topics.setdefault(topic, []).append(connection)

    def remove(self, connection):
        self.removed.append(connection)
        self.viewers.pop(connection, None)

    def listeners(self, topic):
        return [c for c in self.topics.get(topic, []) if c not in self.removed]


class FakeDevices:
    def __init__(self, **keys: Device) -> None:
        self.by_hash = {key_hash(key): device for key, device in keys.items()}

    def find(self, key: str) -> Device | None:
        return self.by_hash.get(key_hash(key))


class FakeTimers:
    def __init__(self) -> None:
        self.set_at: dict[str, tuple[float, Mapping[str, Any]]] = {}
        self.cancelled: list[str] = []
        self.error: Exception | None = None

    def set(self, name: str, at: float, event: Mapping[str, Any]) -> None:
        if self.error:
            raise self.error
        self.set_at.setdefault(name, (at, event))

    def repeat(self, name: str, cron: str, zone: str, event: Mapping[str, Any]) -> None:
        self.set_at.setdefault(f"{name} {cron} {zone}", (0.0, event))

    def cancel(self, name: str) -> None:
        self.cancelled.append(name)


class FakeDownloads:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def link(self, name: str, content_type: str, make: Callable[[], bytes]) -> str:
        if name not in self.files:
            self.files[name] = make()
        return f"https://files.example/{name}"


class FakeBulkFiles:
    def __init__(self) -> None:
        self.asked: dict[tuple[str, str], float] = {}
        self.lines: dict[tuple[str, str], bytes] = {}
        self.told: dict[tuple[str, str, str], tuple[Summary, bytes]] = {}
        self.kept: dict[tuple[str, str, str], bytes] = {}

    def place(self, fleet: str, size: int, now: float) -> Place | None:
        if self._unfinished(fleet, now) >= MOST_UNFINISHED:
            return None
        name = new_id("bf", now)
        self.asked[fleet, name] = now
        return Place(name, f"https://files.example/{name}", put_headers(size), size, int(now) + PUT_S)

    def _unfinished(self, fleet: str, now: float) -> int:
        recent = {name: at for (of, name), at in self.asked.items() if of == fleet and at > now - RECENT_S}
        done = {name for of, name, _ in self.told if of == fleet}
        return sum(
            (fleet, name) in self.lines or at > now - PUT_S for name, at in recent.items() if name not in done
        )

    def standing(self, fleet: str, name: str) -> Standing | None:
        if (fleet, name) not in self.asked:
            return None
        stored = self.lines.get((fleet, name))
        told = self.told.get((fleet, name, _etag(stored))) if stored is not None else None
        if told is None:
            return Standing(stored is not None)
        return Standing(received=True, summary=told[0], results=f"https://files.example/{name}/results")

    def open(self, key: str) -> Stored:
        _, fleet, name, _ = key.split("/")
        if (fleet, name) not in self.lines:
            raise FileGone(key)
        body = self.lines[fleet, name]
        return Stored(fleet, name, _etag(body), self.asked[fleet, name], io.BytesIO(body))

    def finished(self, stored: Stored) -> bool:
        return (stored.fleet, stored.name, stored.etag) in self.told

    def so_far(self, stored: Stored) -> bytes | None:
        return self.kept.get((stored.fleet, stored.name, stored.etag))

    def keep(self, stored: Stored, so_far: bytes) -> None:
        self.kept[stored.fleet, stored.name, stored.etag] = so_far

    def finish(self, stored: Stored, summary: Summary, results: bytes) -> None:
        self.told[stored.fleet, stored.name, stored.etag] = summary, results


def _etag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


class FakeLog:
    """What was told, as (message, extra)."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, Mapping[str, Any]]] = []

    def warning(self, msg: str, /, *, extra: Mapping[str, Any]) -> None:
        self.lines.append((msg, extra))

    error = warning


def no_limits() -> Limits:
    """Wide enough for any test that is about something else."""
    buckets = (Buckets(Rate(1e9, 1e9), lambda: 0.0) for _ in range(2))
    return Limits(*buckets, lambda: 0.0, FakeLog())
