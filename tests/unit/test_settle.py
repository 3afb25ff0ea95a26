"""Settling: from a trip's mark to its timer, and from the timer to the record, with crashes and races."""

from __future__ import annotations

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from processors.due.due import Due
from processors.settle.rest import Resting
from processors.settle.settle import Settler
from storage.history import ChunkFull
from storage.live import Unreadable
from storage.routes import RouteMissing
from storage.trips import Trip
from telemetry.history import Sighting, Sightings
from telemetry.live import IDLE_TTL_S, Live, Window
from telemetry.ping import Ping
from tests.fakes import FakeHistory, FakeLive, FakeQuarantine, FakeRoutes, FakeTimers
from tests.fakes_stacks import FakeTrips
from tests.rides import PLAIN, drive
from tests.strategies import T0_MS

NOW = T0_MS / 1000 + 3600
END_MS = T0_MS + 2_000_000
TRIP = Trip("tr_1", "demo", "mei", "tk_1", "lap@1", T0_MS)
WINDOW = Window("tr_1", "lap@1", T0_MS, END_MS)
RIDE = [
    Sighting("app", Ping(T0_MS + 10_000 * i, round(fix.lat * 1e6), round(fix.lon * 1e6), 50))
    for i, (_, fix) in enumerate(drive(PLAIN, 6.0, 10.0, 3.0, 7))
]


class Log:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, msg, *, extra):
        self.lines.append(f"{msg} {extra}")

    def exception(self, msg):
        self.lines.append(msg)


class World:
    """mei's trip: the beginning of her ride in chunks, the last pings in her live item's tail."""

    def __init__(self) -> None:
        self.trips, self.live, self.history = FakeTrips(), FakeLive(), FakeHistory()
        self.quarantine, self.log = FakeQuarantine(), Log()
        resting = Resting(self.live, self.history, self.quarantine)
        routes = FakeRoutes(lap=PLAIN)
        self.settler = Settler(self.trips, self.live, self.history, routes, resting, lambda: NOW, self.log)
        self.trips.start(TRIP)
        self.stored(*RIDE[:60])
        self.live.items["demo/mei"] = Live(
            "demo", "mei", 1000, (WINDOW,), "tr_1",
            newest=RIDE[-1].ping, floor_ms=RIDE[60].ping.t_ms,
            tail=Sightings.of(RIDE[60:]),
        )  # fmt: skip

    def stored(self, *sightings: Sighting) -> None:
        for sighting in sightings:
            self.history.unite(
                "demo/tr_1", sighting.bucket, [*Sightings.of([sighting]).parts], lambda _: None
            )

    def finish(self) -> None:
        self.trips.finish(replace(TRIP, finished_ms=END_MS))

    @property
    def mei(self) -> Live:
        return self.live.items["demo/mei"]


@pytest.fixture
def world():
    return World()


def test_an_ended_trip_is_settled_from_tail_and_chunks(world) -> None:
    world.finish()
    assert world.settler.settle("tr_1")
    settled = world.trips.settled["tr_1"]
    assert (settled.revision, settled.settled_ms) == (1, round(NOW * 1000))
    assert settled.record["quality"]["pings"] == len(RIDE)
    assert settled.record["progress"]["completed"]
    assert "tr_1" not in world.trips.due


@pytest.mark.parametrize("trip", ["tr_1", "tr_unknown"])
def test_a_running_or_unknown_trip_is_left_alone(world, trip) -> None:
    assert not world.settler.settle(trip)
    assert not world.trips.settled
    assert world.live.writes == 0


def test_a_trip_whose_tail_cannot_be_read_is_not_settled_without_it(world) -> None:
    world.finish()
    world.live.damaged.add("demo/mei")
    with pytest.raises(Unreadable):
        world.settler.settle("tr_1")
    assert (world.trips.settled, world.trips.due) == ({}, {"tr_1"})
    world.live.damaged.clear()
    assert world.settler.settle("tr_1")
    assert world.trips.settled["tr_1"].record["quality"]["pings"] == len(RIDE)


def test_a_timer_that_comes_twice_reads_and_writes_nothing_more(world) -> None:
    world.finish()
    world.settler.settle("tr_1")
    writes, world.settler.history.read = world.live.writes, None
    assert not world.settler.settle("tr_1")
    assert world.live.writes == writes


def test_late_pings_settle_again_with_the_next_revision(world) -> None:
    world.history.chunks.clear()
    world.finish()
    world.settler.settle("tr_1")
    first = world.trips.settled["tr_1"]
    world.stored(*RIDE[:60])
    assert world.trips.mark_late("tr_1")
    assert world.settler.settle("tr_1")
    second = world.trips.settled["tr_1"]
    assert (first.revision, second.revision) == (1, 2)
    assert second.digest != first.digest
    assert second.record["distance_m"] > first.record["distance_m"] + 1_000


def test_what_was_taken_after_a_finish_that_was_told_late_is_not_the_trips(world) -> None:
    """An arrival is confirmed minutes later: the way home has come in by then."""
    home = [
        Sighting("app", RIDE[-1].ping._replace(t_ms=END_MS + 10_000 * i, lat_e6=31_300_000)) for i in range(6)
    ]
    world.stored(*home[1:])
    world.finish()
    world.settler.settle("tr_1")
    late, on_time = world.trips.settled["tr_1"], World()
    on_time.finish()
    on_time.settler.settle("tr_1")
    assert (late.record, late.digest) == (
        on_time.trips.settled["tr_1"].record,
        on_time.trips.settled["tr_1"].digest,
    )


def test_a_mark_without_new_pings_keeps_the_record(world) -> None:
    world.finish()
    world.settler.settle("tr_1")
    before = world.trips.settled["tr_1"]
    world.trips.mark_late("tr_1")
    assert not world.settler.settle("tr_1")
    assert world.trips.settled["tr_1"] == before
    assert "tr_1" not in world.trips.due


def test_a_mark_between_reading_and_writing_is_not_lost(world) -> None:
    """The pings come after settling has read the history: the mark must win over the record."""
    late, read = RIDE[30], world.history.read
    chunk = world.history.chunks["demo/tr_1", late.bucket]
    kept = [sighting for sighting in chunk.values() if sighting != late]
    world.history.chunks["demo/tr_1", late.bucket] = Sightings.of(kept)

    def read_and_be_overtaken(trip, from_bucket=0):
        found = read(trip, from_bucket)
        world.history.read = read
        world.stored(late)
        assert world.trips.mark_late("tr_1")
        return found

    world.finish()
    world.history.read = read_and_be_overtaken
    assert not world.settler.settle("tr_1")
    assert not world.trips.settled
    assert "tr_1" in world.trips.due
    assert world.settler.settle("tr_1")  # the timer of that mark
    assert world.trips.settled["tr_1"].record["quality"]["pings"] == len(RIDE)


def test_a_crash_before_the_record_is_written_leaves_the_trip_due(world) -> None:
    world.finish()
    write = world.trips.settle

    def crash(*_):
        raise ConnectionError

    world.trips.settle = crash
    with pytest.raises(ConnectionError):
        world.settler.settle("tr_1")
    world.trips.settle = write
    assert world.settler.settle("tr_1")
    assert world.trips.settled["tr_1"].record["quality"]["pings"] == len(RIDE)


def test_a_missing_route_is_our_failure_and_is_tried_again(world) -> None:
    world.settler.routes.routes.clear()
    world.finish()
    with pytest.raises(RouteMissing):
        world.settler.settle("tr_1")
    assert "tr_1" in world.trips.due


# ── the live item between trips ──────────────────────────────────────────────────────────────────


def test_after_settling_no_position_stays_in_the_live_item(world) -> None:
    world.finish()
    world.settler.settle("tr_1")
    assert world.mei.tail == {}
    assert world.mei.floor_ms == RIDE[-1].ping.t_ms + 1
    assert world.mei.expires_s == int(END_MS / 1000 + IDLE_TTL_S)
    assert world.mei.version == 1001
    assert len(world.history.read("demo/tr_1")) == len(RIDE)


def test_a_live_item_at_rest_is_not_written_again(world) -> None:
    world.finish()
    world.settler.settle("tr_1")
    world.trips.mark_late("tr_1")
    world.settler.settle("tr_1")
    assert world.live.writes == 1


def test_a_courier_on_the_next_trip_keeps_the_live_item(world) -> None:
    world.live.items["demo/mei"] = world.mei.with_window(Window("tr_2", "lap@1", END_MS + 1))
    before = world.mei
    world.finish()
    assert world.settler.settle("tr_1")
    assert world.mei == before
    assert world.trips.settled["tr_1"].record["quality"]["pings"] == len(RIDE)


def test_an_upload_that_wins_the_race_is_put_away_too(world) -> None:
    last = Sighting("app", RIDE[-1].ping._replace(t_ms=RIDE[-1].ping.t_ms + 10_000))
    put = world.live.put

    def put_second(live, expected):
        world.live.put = put
        tail = Sightings.of([*world.mei.tail.values(), last])
        put(replace(world.mei, tail=tail, newest=last.ping, version=1001), 1000)
        put(live, expected)

    world.live.put = put_second
    world.finish()
    world.settler.settle("tr_1")
    assert world.mei.tail == {}
    assert world.mei.version == 1002
    assert world.trips.settled["tr_1"].record["quality"]["pings"] == len(RIDE) + 1


def test_an_expired_live_item_is_no_trouble(world) -> None:
    del world.live.items["demo/mei"]
    world.finish()
    world.settler.settle("tr_1")
    assert world.trips.settled["tr_1"].record["quality"]["pings"] == 60


def test_what_a_full_chunk_does_not_take_goes_to_quarantine(world) -> None:
    world.history.error = ChunkFull("no room")
    world.finish()
    world.settler.settle("tr_1")
    assert len(world.quarantine.kept) == len(RIDE) - 60
    assert set(world.quarantine.reasons) == {"no room"}


# ── timers ───────────────────────────────────────────────────────────────────────────────────────


def due_record(trip="tr_1", marks=1, sequence="7"):
    image = {"trip": {"S": trip}, "marks": {"N": str(marks)}, "due": {"N": "1"}}
    return {"eventName": "MODIFY", "dynamodb": {"SequenceNumber": sequence, "NewImage": image}}


def test_each_mark_gets_one_timer_after_the_grace_time() -> None:
    timers = FakeTimers()
    due = Due(timers, 600.0, lambda: NOW, Log())
    assert due.set_timers([due_record(), due_record(), due_record(marks=2)]) == []
    assert timers.set_at == {
        "tr_1-1": (NOW + 600, {"trip": "tr_1"}),
        "tr_1-2": (NOW + 600, {"trip": "tr_1"}),
    }


def test_a_timer_that_could_not_be_set_is_delivered_again() -> None:
    timers = FakeTimers()
    timers.error = ClientError({"Error": {"Code": "ThrottlingException"}}, "CreateSchedule")
    assert Due(timers, 600.0, lambda: NOW, Log()).set_timers([due_record(sequence="41")]) == ["41"]
