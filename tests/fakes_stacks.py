"""In-memory adapters of the stores behind accounts and tasks, with the tables' promises."""

from __future__ import annotations

from dataclasses import replace

from geo.preview.limits import PACE
from geo.route import CompiledRoute
from stacks.tasks.routes.drafts import Drafting
from stacks.tasks.routes.publish import Routes
from stacks.tasks.routes.wiring import Wiring
from storage.catalog import Route
from storage.devices import Device, key_hash
from storage.drafts import Draft, Head, digest_of
from storage.settlements import Settled, Standing
from storage.tasks import Ride, Task
from storage.trips import Trip
from storage.users import Account, User
from telemetry.token import KEY_BYTES, KeyRing

RING = KeyRing("k1", {"k1": b"1" * KEY_BYTES})


class FakeKeys:
    def __init__(self, ring: KeyRing = RING, newer: KeyRing | None = None) -> None:
        self._ring = ring
        self._newer = newer

    def ring(self) -> KeyRing:
        return self._ring

    def newer(self) -> KeyRing | None:
        return self._newer


class FakeUsers:
    def __init__(self, *accounts: Account) -> None:
        self.rows = {(it.user.fleet, it.user.user): it for it in accounts}

    def find(self, fleet: str, user: str) -> Account | None:
        return self.rows.get((fleet, user))

    def add(self, account: Account) -> bool:
        key = (account.user.fleet, account.user.user)
        return self.rows.setdefault(key, account) is account

    def all(self, fleet: str) -> list[User]:
        return [self.rows[key].user for key in sorted(self.rows) if key[0] == fleet]


class FakeDeviceTable:
    def __init__(self) -> None:
        self.rows: dict[str, Device] = {}

    def find(self, key: str) -> Device | None:
        row = self.rows.get(key_hash(key))
        return row if row and row.revoked_at is None else None

    def add(self, device: Device) -> None:
        self.rows[device.key_hash] = device

    def get(self, fleet: str, device: str) -> Device | None:
        return next((row for row in self.rows.values() if (row.fleet, row.device) == (fleet, device)), None)

    def all(self, fleet: str) -> list[Device]:
        used = [row for row in self.rows.values() if row.fleet == fleet and row.revoked_at is None]
        return sorted(used, key=lambda row: row.device)

    def revoke(self, device: Device, at: int) -> None:
        row = self.rows[device.key_hash]
        self.rows[device.key_hash] = replace(row, revoked_at=row.revoked_at or at)


class FakeCatalog:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Route] = {}
        self.versions: dict[tuple[str, str], int] = {}

    def next_version(self, fleet: str, route_id: str) -> int:
        self.versions[fleet, route_id] = self.versions.get((fleet, route_id), 0) + 1
        return self.versions[fleet, route_id]

    def add(self, route: Route) -> None:
        assert (route.fleet, route.route) not in self.rows
        self.rows[route.fleet, route.route] = route

    def get(self, fleet: str, route: str) -> Route | None:
        return self.rows.get((fleet, route))

    def all(self, fleet: str, route_id: str | None = None) -> list[Route]:
        mine = [it for it in self.rows.values() if it.fleet == fleet and route_id in {None, it.id}]
        return sorted(mine, key=lambda route: (route.id, route.version))

    def retire(self, route: Route, at_ms: int) -> Route:
        row = self.rows[route.fleet, route.route]
        retired = replace(row, retired_ms=at_ms if row.retired_ms is None else row.retired_ms)
        self.rows[route.fleet, route.route] = retired
        return retired


class FakeDrafts:
    def __init__(self, catalog: FakeCatalog) -> None:
        self.catalog = catalog
        self.heads: dict[tuple[str, str], Head] = {}
        self.revisions: dict[tuple[str, str], int] = {}

    def head(self, fleet: str, route_id: str) -> Head:
        return self.heads.get((fleet, route_id), Head())

    def all(self, fleet: str) -> list[Draft]:
        return [it.draft for key, it in sorted(self.heads.items()) if key[0] == fleet and it.draft]

    def put(self, draft: Draft, seen: int | None) -> Draft | None:
        key = draft.fleet, draft.id
        head = self.head(*key)
        if (head.draft and head.draft.revision) != seen:
            return None
        self.revisions[key] = self.revisions.get(key, 0) + 1
        put = replace(draft, revision=self.revisions[key])
        self.heads[key] = replace(head, draft=put)
        return put

    def delete(self, fleet: str, route_id: str, seen: int) -> bool:
        head = self.head(fleet, route_id)
        if head.draft is None or head.draft.revision != seen:
            return False
        self.heads[fleet, route_id] = replace(head, draft=None)
        return True

    def publish(self, draft: Draft, route: Route) -> bool:
        head = self.head(draft.fleet, draft.id)
        if head.draft is None or head.draft.revision != draft.revision:
            return False
        self.catalog.add(route)
        self.heads[draft.fleet, draft.id] = Head(None, draft.revision, route.version)
        return True


class FakeDrawings:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str], bytes] = {}

    def keep(self, fleet: str, route_id: str, drawing: bytes) -> str:
        self.kept[fleet, route_id, digest_of(drawing)] = drawing
        return digest_of(drawing)

    def drawing(self, draft: Draft) -> bytes:
        return self.kept[draft.fleet, draft.id, draft.digest]


def fake_routes(catalog: FakeCatalog, lines: FakeLines) -> Wiring:
    """The routes function over fakes."""
    routes = Routes(catalog, lines)
    return Wiring(routes, Drafting(FakeDrafts(catalog), FakeDrawings(), routes, catalog, PACE))


class FakeLines:
    def __init__(self) -> None:
        self.saved: dict[tuple[str, str], tuple[CompiledRoute, bytes]] = {}

    def save(self, route: Route, compiled: CompiledRoute, drawn: bytes) -> None:
        self.saved[route.fleet, route.route] = (compiled, drawn)

    def drawn(self, route: Route) -> bytes:
        return self.saved[route.fleet, route.route][1]


class FakeTasks:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Task] = {}
        self.rides: dict[tuple[str, str], Ride] = {}

    def add(self, task: Task) -> None:
        assert (task.fleet, task.task) not in self.rows
        self.rows[task.fleet, task.task] = task

    def get(self, fleet: str, task: str) -> Task | None:
        return self.rows.get((fleet, task))

    def page(self, fleet: str, status: str | None, after: str | None, limit: int) -> list[Task]:
        mine = [it for it in self.rows.values() if it.fleet == fleet and status in {None, it.status}]
        behind = [it for it in mine if after is None or it.task < after]
        return sorted(behind, key=lambda it: it.task, reverse=True)[:limit]

    def ride(self, fleet: str, courier: str) -> Ride:
        return self.rides.get((fleet, courier), Ride())

    def claim(self, fleet: str, task: str, courier: str, at_ms: int) -> bool:
        row = self.rows.get((fleet, task))
        if row is None or row.status != "open" or row.deadline_ms <= at_ms:
            return False
        self.rows[fleet, task] = replace(row, status="claimed", courier=courier, claimed_ms=at_ms)
        return True

    def start(self, task: Task, trip: str, at_ms: int, ride: Ride) -> bool:
        row, rider = self.rows[task.fleet, task.task], (task.fleet, str(task.courier))
        riding = self.rides.get(rider, Ride())
        if (row.status, row.courier) != ("claimed", task.courier) or riding.trip or riding != ride:
            return False
        self.rows[task.fleet, task.task] = replace(row, status="started", trip=trip, started_ms=at_ms)
        self.rides[rider] = replace(riding, trip=trip, task=task.task)
        return True

    def finish(self, task: Task, at_ms: int) -> bool:
        row, rider = self.rows[task.fleet, task.task], (task.fleet, str(task.courier))
        if (row.status, row.trip) != ("started", task.trip) or self.rides[rider].trip != task.trip:
            return False
        self.rows[task.fleet, task.task] = replace(row, status="finished", finished_ms=at_ms)
        self.rides[rider] = Ride(before=task.task, ended_ms=at_ms)
        return True


class FakeTrips:
    """The trips table, with its settlements."""

    def __init__(self) -> None:
        self.rows: dict[str, Trip] = {}
        self.marks: dict[str, int] = {}
        self.due: set[str] = set()
        self.settled: dict[str, Settled] = {}

    def get(self, trip: str) -> Trip | None:
        return self.rows.get(trip)

    def start(self, trip: Trip) -> None:
        self.rows.setdefault(trip.trip, trip)

    def finish(self, trip: Trip) -> None:
        row = self.rows[trip.trip]
        if row.finished_ms is None:
            self.rows[trip.trip] = replace(row, finished_ms=trip.finished_ms)
            self.mark_late(trip.trip)

    def mark_late(self, trip: str) -> bool:
        if trip not in self.rows or self.rows[trip].finished_ms is None:
            return False
        self.marks[trip] = self.marks.get(trip, 0) + 1
        self.due.add(trip)
        return True

    def standing(self, trip: str) -> Standing | None:
        if trip not in self.rows:
            return None
        return Standing(self.rows[trip], self.marks.get(trip, 0), trip in self.due, self.settled.get(trip))

    def settle(self, standing: Standing, settled: Settled | None) -> bool:
        trip = standing.trip.trip
        if self.marks.get(trip) != standing.marks or trip not in self.due:
            return False
        self.due.discard(trip)
        if settled:
            self.settled[trip] = settled
        return True
