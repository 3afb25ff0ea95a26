"""The same riders, disturbances and checks over the stores in memory: seconds instead of minutes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random

import orjson

from cli.replay.courier import APP
from cli.replay.formats.own import _ping
from cli.replay.simulator import Made, chance
from ingest import own
from ingest.receive.receive import Receiver, Sender
from stacks.tasks.trips.book import PipelineBook
from storage.stream import Plain, StreamRefused
from storage.trips import Trip
from telemetry.live import Window
from telemetry.problem import Unavailable
from telemetry.upload import Upload
from tests.fakes import FakeLive, FakeStream
from tests.fakes_stacks import FakeTrips
from tests.faults.cast import Leg, Role, Size, cast
from tests.faults.check import Verdict, check
from tests.faults.clean import clean
from tests.faults.injected import Injected
from tests.faults.memory import FATES, Memory
from tests.faults.planted import Patch, planted
from tests.faults.senders import as_upload, disturbed
from tests.faults.truth import FLEET, Courier, Event, Truth

SIZE = Size(couriers=6, trips=2, pings=240)
NOW = 1_795_550_000.0
FAILING = 0.06
"""Share of a worker's calls that meet a fate."""
OVERTAKEN = 0.25
"""Share of conditional writes that another worker comes before."""


def rehearse(seed: int, defect: str = "") -> tuple[Verdict, Counter[str]]:
    """The verdict, and how often each fate was met."""
    truth, now = Truth(), NOW
    draw = chance(seed, "fates")

    def fate(where: str) -> str | None:
        if where.partition(".")[2] in ("put_item", "put") and draw.random() < OVERTAKEN:
            return "overtaken"
        return draw.choice(FATES) if draw.random() < FAILING else None

    memory = Memory(now, fate)
    stage = _Rehearsal(memory, truth, now, draw)
    with planted(defect, _FAKES.get(defect, [])):
        for role in cast(SIZE, seed):
            stage.ride(role)
        memory.settle(quietly=True)
    observed = memory.observed()
    for courier, lane in stage.lanes.items():
        observed.lanes[courier]["lane"] = lane
    verdict = check(truth, observed, clean(truth, now))
    return verdict, Counter(met.partition(" Fake")[0].partition(" Table")[0] for met in memory.met)


class _Rehearsal:
    def __init__(self, memory: Memory, truth: Truth, now: float, draw: Random) -> None:
        self._memory, self._truth, self._now, self._draw = memory, truth, now, draw
        self._stream = _Refusing(draw)
        self._receiver = Receiver(self._stream, memory.quarantine, lambda: now)
        self._book = PipelineBook(memory.trips, memory.windows, memory.live)
        self.lanes: dict[str, list[Upload]] = {}

    def ride(self, role: Role) -> None:
        courier = self._truth.couriers.setdefault(role.name, Courier(role.name, role.ordered))
        self.lanes[courier.key] = []
        late: list[list[Made]] = []
        for n, leg in enumerate(role.legs(self._now)):
            window = Window(f"tr-{role.name}-{n}", f"{leg.route}@1", round(leg.start_s * 1000))
            courier.routes[window.trip] = leg.route
            self._put_down(courier, window)
            self._send(role, courier, self._order(role, leg, late))
            if not leg.last:
                end_ms = round(leg.end_s * 1000)
                self._put_down(courier, Window(window.trip, window.route, window.start_ms, end_ms))
                self._send(role, courier, [leg.outside])
            self._memory.settle()
        self._memory.settle()
        self._send(role, courier, late)

    def _order(self, role: Role, leg: Leg, late: list[list[Made]]) -> list[list[Made]]:
        if role.ordered:
            return leg.uploads
        queue = [*disturbed(role, leg, self._draw, late, Injected())]
        places = sorted(range(len(queue)), key=lambda i: i + self._draw.uniform(0, 3))
        return [queue[place] for place in places]

    def _put_down(self, courier: Courier, window: Window) -> None:
        trip = Trip(window.trip, FLEET, courier.name, "task", window.route, window.start_ms, window.end_ms)
        (self._book.start if window.end_ms is None else self._book.finish)(trip, self._now)
        courier.events.append(Event(window=window))

    def _send(self, role: Role, courier: Courier, uploads: Sequence[list[Made]]) -> None:
        begun = len(self.lanes[courier.key])
        for pings in uploads:
            upload = as_upload(courier.name, pings, self._now, self._truth)
            for ping in pings:
                self._truth.ledger.made(courier.name, APP, ping)
            entry = self._truth.ledger.sent(courier.name, APP, pings)
            if role.way == "phone":
                entry.rejected = tuple(set(entry.pings) - {p.t_ms for p in upload.pings})
                self._through_api(courier.name, pings)
            else:
                self._stream.accept([upload])
            entry.acknowledged_at = self._now
            courier.events.append(Event(upload=upload.to_bytes()))
        self.lanes[courier.key] += self._stream.uploads
        self._stream.records.clear()
        self._process(self.lanes[courier.key], begun)

    def _through_api(self, courier: str, pings: list[Made]) -> None:
        body = orjson.loads(orjson.dumps({"device": APP, "pings": [_ping(ping) for ping in pings]}))
        while True:
            device, reading = own.read(body, self._now)
            try:
                self._receiver.take(Sender(FLEET, courier, device), reading)
            except Unavailable:
                continue
            return

    def _process(self, lane: list[Upload], at: int) -> None:
        """Batch by batch; one that failed comes again, whole or halved; old ones come again too."""
        while at < len(lane):
            count = self._draw.randint(1, 4)
            while True:
                batch, more = lane[at : at + count], lane[at : at + count + self._draw.randint(0, 5)]
                if self._memory.deliver(batch, lambda more=more: self._memory.quietly(more)):
                    break
                count = max(count // self._draw.randint(1, 2), 1)
            at += count
            if self._draw.random() < 0.2:
                first = self._draw.randrange(at)
                self._memory.deliver(lane[first : min(first + 3, at)])


class _Refusing(FakeStream):
    """Takes some of it, or all, and says that it has not."""

    def __init__(self, draw: Random) -> None:
        super().__init__()
        self._draw = draw

    def put_plain(self, records: Sequence[Plain]) -> None:
        if self._draw.random() < 0.1:
            self.records += [record for record in records if self._draw.random() < 0.5]
            raise StreamRefused("injected")
        super().put_plain(records)

    def accept(self, uploads: Sequence[Upload]) -> None:
        """From a sender that sees to it that they are taken."""
        self.records += [Plain(upload.key, upload.to_bytes()) for upload in uploads]


def _unconditional(self: FakeLive, live, expected: int | None) -> None:
    self.items[f"{live.fleet}/{live.courier}"] = live


def _first_mark_only(self: FakeTrips, trip: str) -> bool:
    if trip not in self.marks and self.rows[trip].finished_ms is not None:
        self.marks[trip] = 1
        self.due.add(trip)
    return False


_FAKES: dict[str, list[Patch]] = {
    "version_condition_dropped": [(FakeLive, "put", _unconditional)],
    "settle_mark_skipped": [(FakeTrips, "mark_late", _first_mark_only)],
}
"""Where a fake stands for the adapter that the defect is planted in."""
