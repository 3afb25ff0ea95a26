"""In-memory adapters of the stores behind accounts and tasks, with the tables' promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from geo.preview.limits import PACE
from geo.route import CompiledRoute
from stacks.tasks.routes.drafts import Drafting
from stacks.tasks.routes.publish import Routes
from stacks.tasks.routes.wiring import Wiring
from storage.alerts import Watch
from storage.catalog import Route
from storage.devices import Device, key_hash
from storage.drafts import Draft, Head, digest_of
from storage.settlements import Settled, Standing
from storage.tasks import KEPT_S, Claim, Courier, Desk, Kept, Line, Made, Move, Task
from storage.tasks import Trip as TaskTrip
from storage.tasks.transactions import anew, given_back, gives_back
from storage.trips import Trip
from storage.user_changes import UserChange
from storage.users import Account, User
from telemetry.life import HELD, OPEN, RECORDED, RIDING
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


class FakeRevoked:
    """rows: the first generation that counts, by fleet and user."""

    def __init__(self, rows: Mapping[tuple[str, str], int] | None = None) -> None:
        self.rows = {} if rows is None else rows

    def below(self, fleet: str, user: str) -> int:
        return self.rows.get((fleet, user), 0)


class FakeUsers:
    def __init__(self, *accounts: Account) -> None:
        self.rows = {(it.user.fleet, it.user.user): it for it in accounts}

    def find(self, fleet: str, user: str) -> Account | None:
        return self.rows.get((fleet, user))

    def who(self, fleet: str, user: str) -> User | None:
        found = self.find(fleet, user)
        return found.user if found else None

    def add(self, account: Account, keeper: User | None = None) -> bool:
        assert keeper is None or keeper.user != account.user.user, "no row twice in a transaction"
        if keeper and self.generation(keeper) != keeper.generation:
            return False
        key = (account.user.fleet, account.user.user)
        return self.rows.setdefault(key, account) is account

    def generation(self, user: User) -> int | None:
        found = self.who(user.fleet, user.user)
        return found.generation if found else None

    def all(self, fleet: str) -> list[User]:
        return [self.rows[key].user for key in sorted(self.rows) if key[0] == fleet]


class FakeUserChanges:
    """Over the fakes of what it changes; revoked: the first generation that counts, by fleet and user."""

    def __init__(self, users: FakeUsers, devices: FakeDeviceTable) -> None:
        self.users, self.devices = users, devices
        self.revoked: dict[tuple[str, str], int] = {}
        self.below = FakeRevoked(self.revoked).below

    def write(self, change: UserChange) -> bool:
        read = [it for it in (change.before, change.keeper) if it]
        if any(self.users.generation(it) != it.generation for it in read):
            return False
        before, after = change.before, change.after
        key = (after.fleet, after.user)
        row = self.users.rows[key]
        changed = {name: it for name, it in asdict(after).items() if it != getattr(before, name)}
        user = replace(row.user, **changed)
        self.users.rows[key] = replace(row, user=user, password=change.password or row.password)
        for phone in change.phones:
            kept = self.devices.rows[phone.key_hash]
            self.devices.rows[phone.key_hash] = replace(kept, suspended=not after.rides)
        if after.generation > before.generation:
            self.revoked[key] = after.generation
        return True


class FakeDeviceTable:
    def __init__(self) -> None:
        self.rows: dict[str, Device] = {}

    def find(self, key: str) -> Device | None:
        row = self.rows.get(key_hash(key))
        return row if row and row.revoked_at is None and not row.suspended else None

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
    """The tasks table in memory. Every write is one step, and says False where the table would."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Task] = {}
        self.trips: dict[tuple[str, str], TaskTrip] = {}
        self.lines: dict[tuple[str, str], list[Line]] = {}
        self.couriers: dict[tuple[str, str], Courier] = {}
        self.claims: dict[tuple[str, str, str], Claim] = {}
        self.answers: dict[tuple[str, str, str], Kept] = {}
        self.watches: dict[tuple[str, str], Watch] = {}
        """Of trips that begin; the rest is tests.fakes_alerts's."""

    def add(self, task: Task, kept: Kept | None = None) -> bool:
        if (task.fleet, task.task) in self.rows or self._known(task.fleet, kept):
            return False
        self.rows[task.fleet, task.task] = task
        self._answered(task.fleet, kept)
        return True

    def get(self, fleet: str, task: str) -> Task | None:
        return self.rows.get((fleet, task))

    def page(self, fleet: str, status: str | None, after: str | None, limit: int) -> list[Task]:
        mine = [it for it in self.rows.values() if it.fleet == fleet and status in {None, it.status}]
        behind = [it for it in mine if after is None or it.task < after]
        return sorted(behind, key=lambda it: it.task, reverse=True)[:limit]

    def change(self, before: Task, after: Task, kept: Kept | None = None) -> bool:
        if self.rows[before.fleet, before.task].rev != before.rev or self._known(before.fleet, kept):
            return False
        self.rows[before.fleet, before.task] = after
        self._answered(before.fleet, kept)
        return True

    def desk(self, fleet: str, task: str, courier: str) -> Desk:
        claim = self.claims.get((fleet, task, courier))
        return Desk(self.get(fleet, task), claim, self.courier(fleet, courier))

    def trip(self, fleet: str, trip: str) -> TaskTrip | None:
        return self.trips.get((fleet, trip))

    def courier(self, fleet: str, courier: str) -> Courier:
        return self.couriers.get((fleet, courier), Courier())

    def trips_of(self, fleet: str, courier: str, after: str | None, limit: int) -> list[TaskTrip]:
        return self._newest(fleet, lambda trip: trip.courier == courier, after, limit)

    def trips_in(self, fleet: str, state: str, after: str | None, limit: int) -> list[TaskTrip]:
        return self._newest(fleet, lambda trip: trip.state == state, after, limit)

    def trips_on(self, fleet: str, task: str, after: str | None, limit: int) -> list[TaskTrip]:
        mine = sorted(
            (who, claim.trip) for (f, t, who), claim in self.claims.items() if (f, t) == (fleet, task)
        )
        return [self.trips[fleet, trip] for who, trip in mine if after is None or who > after][:limit]

    def audit(self, fleet: str, trip: str) -> list[Line]:
        return list(self.lines.get((fleet, trip), []))

    def claim(self, task: Task, made: Made, kept: Kept | None = None) -> bool:
        row = self.rows[task.fleet, task.task]
        at_ms, last = made.trip.claimed_ms, task.left == 1
        there = row.left == 1 if last else row.left > 1
        open_now = not row.withdrawn and row.opens_ms <= at_ms < row.closes_ms
        if not (there and open_now and self._free(made)) or self._known(task.fleet, kept):
            return False
        status: Any = "taken" if last else "open"
        self.rows[task.fleet, task.task] = replace(row, left=row.left - 1, rev=row.rev + 1, status=status)
        self._make(made)
        self._answered(task.fleet, kept)
        return True

    def move(self, move: Move, kept: Kept | None = None) -> bool:
        before, after, fleet = move.before, move.after, move.before.fleet
        row, who = self.trips[fleet, before.trip], (fleet, before.courier)
        rider, back = self.couriers[who], gives_back(move) and move.task
        ends = before.state in RIDING and after.state not in RIDING
        starts = after.state in RIDING and before.state not in RIDING
        ended_ms = move.rider.ended_ms if move.rider else 0
        if (
            (row.state, row.rev) != (before.state, before.rev)
            or (ends and rider.riding != before.trip)
            or (starts and (rider.riding is not None or rider.ended_ms != ended_ms))
            or (back and self.rows[fleet, back.task].rev != back.rev)
            or (move.passed and not self._free(move.passed))
            or self._known(fleet, kept)
        ):
            return False
        # Attributes that others set meanwhile stay, as an update leaves them.
        others = {name: value for name, value in row.more.items() if name not in before.more}
        self.trips[fleet, before.trip] = replace(after, more={**others, **after.more})
        self.lines[fleet, before.trip].append(move.line)
        open_now = rider.open + (after.state in OPEN) - (before.state in OPEN)
        self.couriers[who] = replace(rider, open=open_now)
        if starts:
            self.watches[fleet, after.trip] = Watch(fleet, after.trip, rev=1)
        if move.line.action in RECORDED:
            old = Watch(fleet, after.trip, told=frozenset({"arrived", "finished"}))
            watch = self.watches.get((fleet, after.trip), old)
            self.watches[fleet, after.trip] = replace(watch, over=False, rev=anew(move.line))
        if ends:
            self.couriers[who] = Courier(open_now, None, before.trip, after.ended_ms or 0)
        elif starts:
            self.couriers[who] = replace(self.couriers[who], riding=before.trip)
        if before.state in HELD and after.state not in HELD:
            self.claims[fleet, before.task, before.courier] = Claim(before.trip, held=False)
        if move.passed:
            self._make(move.passed)
        elif back:
            self.rows[fleet, back.task] = given_back(back, move.line.at_ms)
        self._answered(fleet, kept)
        return True

    def kept(self, fleet: str, user: str, key: str, now_s: float) -> Kept | None:
        kept = self.answers.get((fleet, user, key))
        return kept if kept and kept.expires_s > now_s else None

    def keep(self, fleet: str, kept: Kept) -> bool:
        if self._known(fleet, kept):
            return False
        self._answered(fleet, kept)
        return True

    def _newest(
        self, fleet: str, fits: Callable[[TaskTrip], bool], after: str | None, limit: int
    ) -> list[TaskTrip]:
        found = [it for it in self.trips.values() if it.fleet == fleet and fits(it)]
        behind = [it for it in found if after is None or it.trip < after]
        return sorted(behind, key=lambda it: it.trip, reverse=True)[:limit]

    def _free(self, made: Made) -> bool:
        trip = made.trip
        claim = self.claims.get((trip.fleet, trip.task, trip.courier))
        return not (claim and claim.held) and self.courier(trip.fleet, trip.courier).open < made.limit

    def _make(self, made: Made) -> None:
        trip = made.trip
        assert (trip.fleet, trip.trip) not in self.trips
        self.trips[trip.fleet, trip.trip] = trip
        self.lines[trip.fleet, trip.trip] = [made.line]
        self.claims[trip.fleet, trip.task, trip.courier] = Claim(trip.trip, held=True)
        rider = self.courier(trip.fleet, trip.courier)
        self.couriers[trip.fleet, trip.courier] = replace(rider, open=rider.open + 1)

    def _known(self, fleet: str, kept: Kept | None) -> bool:
        old = self.answers.get((fleet, kept.user, kept.key)) if kept else None
        return bool(old and kept and old.expires_s > kept.expires_s - KEPT_S)

    def _answered(self, fleet: str, kept: Kept | None) -> None:
        if kept:
            self.answers[fleet, kept.user, kept.key] = kept


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
