"""Track under duplication, reordering, lost races and any batch boundaries: what is stored is one set."""

from __future__ import annotations

import logging
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from geo.drawing import compile_route
from processors.track.aside import Aside
from processors.track.track import Tracker
from storage.history import ChunkFull
from storage.live import Found, Raced, item_bytes, most_bytes
from storage.objects import NotKept
from storage.trips import Trip
from telemetry import history
from telemetry.live import Live, Window
from telemetry.ping import MOCK, Ping
from telemetry.upload import Upload
from tests.fakes import FakeHistory, FakeLive, FakeQuarantine, FakeRoutes, FakeWindows
from tests.fakes_stacks import FakeTrips
from tests.kinesis import record, records
from tests.strategies import T0_MS

ROUTE = compile_route([(121.47, 31.23), (121.49, 31.23), (121.49, 31.25)])
HOUR_MS = 3_600_000
RECEIVED_MS = T0_MS + 6 * HOUR_MS
WINDOWS = (
    Window("tr_1", "plain@1", T0_MS, T0_MS + HOUR_MS),
    Window("tr_2", "plain@1", T0_MS + 2 * HOUR_MS, T0_MS + 3 * HOUR_MS),
    Window("tr_3", "plain@1", T0_MS + 4 * HOUR_MS, None),
)


class Stack:
    """The tracker with everything around it in memory."""

    def __init__(self, windows: tuple[Window, ...] = WINDOWS) -> None:
        self.live, self.windows, self.history = FakeLive(), FakeWindows(), FakeHistory()
        self.quarantine, self.trips = FakeQuarantine(), FakeTrips()
        for window in windows:
            self.windows.open("demo/wang", window)
        self.tracker = Tracker(
            live=self.live,
            windows=self.windows,
            history=self.history,
            routes=FakeRoutes(plain=ROUTE),
            trips=self.trips,
            aside=Aside(self.quarantine),
            clock=lambda: T0_MS / 1000 + 5 * 3600,
            log=logging.getLogger("test"),
        )

    def fails(self, port: str, batch: list) -> list[str]:
        """Track a batch while one of the stores is down."""
        getattr(self, port).error = NotKept("down")
        try:
            return self.tracker.track(batch)
        finally:
            getattr(self, port).error = None

    def expire(self) -> None:
        """DynamoDB deletes what may expire."""
        self.live.items = {key: live for key, live in self.live.items.items() if live.expires_s is None}

    def stored(self) -> dict[str, set[history.Sighting]]:
        """By trip, live item and chunks united, as a reader unites them."""
        live = self.live.items.get("demo/wang")
        found = {}
        for window in WINDOWS:
            tail = live.tail if live and live.trip == window.trip else {}
            chunks = self.history.read(f"demo/{window.trip}")
            found[window.trip] = set(history.unite(chunks, tail.values()).sightings.values())
        return found


def upload(*pings: Ping) -> Upload:
    return Upload("demo", "wang", "app", RECEIVED_MS, tuple(sorted(pings)))


def ride(n: int, start_ms: int = T0_MS + 4 * HOUR_MS, step_ms: int = 10_000) -> list[Ping]:
    """N pings along the first leg, 5 m/s."""
    pings = []
    for i in range(n):
        lon, lat = ROUTE.point_at(5.0 * i * step_ms / 1000)
        pings.append(Ping(start_ms + i * step_ms, round(lat * 1e6), round(lon * 1e6), 50))
    return pings


# Few times, so that duplicates and conflicts are common: in each window, and before, between and after them.
offsets = st.sampled_from([3600 * hour + second for hour in range(-1, 6) for second in (0, 10, 490, 1000)])
scattered = st.builds(
    Ping,
    t_ms=offsets.map(lambda s: T0_MS + s * 1000),
    lat_e6=st.sampled_from([31_230_000, 31_230_500]),
    lon_e6=st.sampled_from([121_470_000, 121_480_000]),
    accuracy_dm=st.sampled_from([-1, 50]),
    speed_dmps=st.just(-1),
    heading=st.just(-1),
    flags=st.sampled_from([0, MOCK]),
)


@given(
    st.lists(st.lists(scattered, min_size=1, max_size=12), min_size=1, max_size=12),
    st.sampled_from([WINDOWS, WINDOWS[:2], WINDOWS[:1]]),
    st.randoms(use_true_random=False),
    st.data(),
)
def test_stored_and_quarantined_sets_do_not_depend_on_delivery(groups, windows, random, data) -> None:
    """Nor on stores that fail, nor on live items that expire; the trip may still run or have ended."""
    uploads = [upload(*group) for group in groups]
    clean, messy = Stack(windows), Stack(windows)
    for one in uploads:
        assert clean.tracker.track(records([one])) == []
    delivered = [*uploads, *random.sample(uploads, k=data.draw(st.integers(0, len(uploads))))]
    random.shuffle(delivered)
    while delivered:
        cut = data.draw(st.integers(1, len(delivered)))
        failing = data.draw(st.sampled_from([None, "quarantine", "history"]))
        failed = (
            messy.tracker.track(records(delivered[:cut]))
            if failing is None
            else messy.fails(failing, records(delivered[:cut]))
        )
        if not failed:
            delivered = delivered[cut:]
        if data.draw(st.booleans()):
            messy.expire()
    assert messy.stored() == clean.stored()
    inside = {s for trip in clean.stored().values() for s in trip}
    sent = {history.Sighting("app", p) for one in uploads for p in one.pings}
    held = {s for s in sent if any(w.holds(s.ping.t_ms) for w in windows)}
    assert inside == set(history.unite({}, held).sightings.values())
    # Every loser is in quarantine, whoever came first.
    assert set(messy.quarantine.kept) == set(clean.quarantine.kept)
    assert len(held - inside) == len(messy.quarantine.kept)


@given(st.integers(1, 200), st.lists(st.integers(1, 40), max_size=20))
def test_any_split_in_order_gives_the_same_live_state(n, cuts) -> None:
    pings = ride(n)
    whole, split = Stack(), Stack()
    for ping in pings:
        whole.tracker.track(records([upload(ping)]))
    at, uploads = 0, []
    for cut in [*cuts, n]:
        if pings[at : at + cut]:
            uploads.append(upload(*pings[at : at + cut]))
        at += cut
    split.tracker.track(records(uploads))
    one, other = whole.live.items["demo/wang"], split.live.items["demo/wang"]
    assert (one.match, one.newest, one.trip) == (other.match, other.newest, other.trip)
    assert whole.stored() == split.stored()


def test_the_battery_is_that_of_the_newest_upload_and_begins_anew_with_each_trip() -> None:
    stack, pings = Stack(), ride(12)

    def take(battery: int | None, *some: Ping) -> int | None:
        stack.tracker.track(records([replace(upload(*some), battery=battery)]))
        return stack.live.items["demo/wang"].battery

    assert take(80, *pings[3:6]) == 80
    assert take(90, *pings[:3]) == 80  # late
    assert take(90, *pings[3:6]) == 80  # again
    assert take(None, *pings[6:9]) == 80  # not told
    assert take(79, *pings[9:]) == 79
    earlier = Stack()
    earlier.live.items["demo/wang"] = Live("demo", "wang", T0_MS, WINDOWS[1:], "tr_2", battery=40)
    earlier.tracker.track(records([upload(*pings)]))
    assert earlier.live.items["demo/wang"].battery is None


def test_a_redelivered_batch_writes_nothing() -> None:
    stack = Stack()
    batch = records([upload(*ride(6)), upload(*ride(12)[6:])])
    stack.tracker.track(batch)
    before = (stack.live.writes, stack.history.writes, dict(stack.live.items))
    stack.tracker.track(batch)
    assert (stack.live.writes, stack.history.writes, stack.live.items) == before
    assert stack.live.writes == 1


def test_a_clean_ride_costs_one_live_write_an_upload_and_one_chunk_write_a_bucket() -> None:
    stack, pings = Stack(), ride(480)
    for i in range(0, 480, 6):
        stack.tracker.track(records([upload(*pings[i : i + 6])]))
    assert stack.live.writes == 80
    assert stack.history.writes <= 480 / 48


def test_a_lost_race_is_folded_again_on_what_stands_there() -> None:
    stack = Stack()

    class Racing(FakeLive):
        raced = False

        def put(self, live: Live, expected: int | None) -> None:
            if not self.raced and expected is not None:
                self.raced = True
                current = self.items["demo/wang"]
                self.items["demo/wang"] = replace(current, version=current.version + 1, outside=9)
                raise Raced(self.items["demo/wang"])
            super().put(live, expected)

    racing = Racing()
    tracker = replace(stack.tracker, live=racing)
    tracker.track(records([upload(*ride(6))]))
    assert tracker.track(records([upload(*ride(12)[6:])])) == []
    live = racing.items["demo/wang"]
    assert live.outside == 9
    assert len(live.tail) == 12


@given(
    st.lists(
        st.tuples(
            st.integers(1, HOUR_MS - 1),
            st.integers(-90_000_000, 90_000_000),
            st.integers(-180_000_000, 180_000_000),
            st.integers(-1, 30_000),
            st.integers(-1, 30_000),
            st.integers(-1, 359),
        ),
        min_size=1,
        max_size=120,
    ),
    st.sampled_from(["a", "w" * 48]),
)
def test_the_live_item_never_passes_1000_bytes(rows, courier) -> None:
    """Worst-case encodings: wild jumps in every column, the longest names."""
    stack = Stack()
    trips = [Window("tr_" + "9" * 16, "r" * 48 + "@999999999", w.start_ms, w.end_ms) for w in WINDOWS[:2]]
    stack.windows.rows[f"demo/{courier}"] = {w.start_ms: w for w in trips}
    pings = [Ping(trips[1].start_ms + dt, *rest) for dt, *rest in rows if rest[:2] != [0, 0]]
    assume(pings)
    wild = Upload("demo", courier, "d" * 48, RECEIVED_MS, tuple(sorted(pings)))
    stack.tracker.track(records([wild]))
    assert item_bytes(stack.live.items[f"demo/{courier}"]) <= 1000


def test_a_poison_record_is_set_aside_and_its_neighbours_are_not() -> None:
    stack = Stack()
    good = records([upload(*ride(6))])
    unsorted = Upload("demo", "li", "app", T0_MS, tuple(reversed(ride(3))))
    early = Upload("demo", "li", "app", T0_MS, (Ping(1000, 95_000_000, 0),))
    poison = [record(b"\x09nonsense", 2), *records([unsorted, early], 3)]
    assert stack.tracker.track([*poison, *good]) == []
    assert len(stack.live.items["demo/wang"].tail) == 6
    assert "demo/li" not in stack.live.items
    assert len(stack.quarantine.kept) == 3
    stack.tracker.track(poison)
    assert len(stack.quarantine.kept) == 3


def test_what_can_never_be_stored_goes_to_quarantine_and_the_shard_moves_on() -> None:
    stack = Stack()

    stack.live.damaged.add("demo/wang")
    li = Upload("demo", "li", "app", RECEIVED_MS, tuple(ride(6)))
    stack.windows.open("demo/li", WINDOWS[2])
    assert stack.tracker.track(records([upload(*ride(6)), li])) == []
    assert len(stack.live.items["demo/li"].tail) == 6
    assert "demo/wang" not in stack.live.items  # nothing is written over what nobody can read
    ((owner, kept),) = stack.quarantine.kept.values()
    assert owner == "demo/wang"
    assert Upload.from_bytes(kept.original) == upload(*ride(6))


def test_a_full_chunk_sends_its_pings_to_quarantine() -> None:
    stack = Stack()

    class Full(FakeHistory):
        def unite(self, trip, bucket, sightings, keep):
            raise ChunkFull("full")

    stack.tracker.track(records([upload(*ride(1))]))
    late = ride(3, T0_MS)  # in the first window, while the third runs
    assert replace(stack.tracker, history=Full()).track(records([upload(*late)])) == []
    assert stack.quarantine.reasons == ["full"] * 3


def test_old_pings_ask_for_their_windows_once_an_upload() -> None:
    stack, asked = Stack(), []
    between = stack.windows.between
    stack.windows.between = lambda *args: asked.append(args) or between(*args)
    stack.tracker.track(records([upload(*ride(50, T0_MS), *ride(50, T0_MS + 4 * HOUR_MS))]))
    assert len(asked) == 1
    assert len(stack.stored()["tr_1"]) == 50


def test_pings_of_an_ended_trip_have_it_settled_again_known_or_not() -> None:
    """A first delivery may have crashed before its mark."""
    stack = Stack(WINDOWS[:1])
    stack.trips.start(Trip("tr_1", "demo", "wang", "t", "plain@1", T0_MS))
    batch = records([upload(*ride(6, T0_MS))])
    stack.tracker.track(batch)
    assert "tr_1" not in stack.trips.due  # it has no row that has ended yet
    stack.trips.finish(replace(stack.trips.get("tr_1"), finished_ms=T0_MS + HOUR_MS))
    marks = stack.trips.marks["tr_1"]
    assert stack.tracker.track(batch) == []
    assert stack.trips.marks["tr_1"] == marks + 1


def test_a_mark_that_fails_brings_the_record_again() -> None:
    stack = Stack(WINDOWS[:1])

    def down(trip: str) -> bool:
        raise NotKept("down")

    stack.trips.mark_late = down
    assert stack.tracker.track(records([upload(*ride(6, T0_MS))])) == ["1"]


@given(
    st.lists(scattered, min_size=1, max_size=90),
    st.text(min_size=1, max_size=20),
    st.none() | st.integers(0, 100),
)
def test_an_item_is_never_larger_than_most_bytes_says(pings, device, battery) -> None:
    """Whatever the encoding of its tail."""
    tail = history.unite({}, [history.Sighting(device, ping) for ping in pings]).sightings
    live = Live(
        "demo",
        "wang",
        T0_MS,
        WINDOWS[:2],
        "tr_1",
        tail=tail,
        newest=pings[0],
        outside=9,
        expires_s=2**31,
        battery=battery,
    )
    assert item_bytes(live) <= most_bytes(live)


class Behind(FakeLive):
    """Reads that need not be consistent show what stood there before."""

    def __init__(self, before: dict[str, Live], now: Live) -> None:
        super().__init__()
        self.before, self.items = before, {"demo/wang": now}

    def get_many(self, keys, *, consistent=True):
        if consistent:
            return super().get_many(keys)
        return Found({key: self.before[key] for key in keys if key in self.before}, {})


def test_a_late_ping_has_a_trip_settled_again_though_the_item_read_still_showed_it_running() -> None:
    stack, running = Stack(), WINDOWS[2]
    stack.trips.start(Trip("tr_3", "demo", "wang", "t", "plain@1", running.start_ms))
    stack.tracker.track(records([upload(*ride(60))]))
    before = dict(stack.live.items)
    ended = running._replace(end_ms=running.start_ms + HOUR_MS)
    live = before["demo/wang"].with_window(ended)
    stack.trips.finish(replace(stack.trips.get("tr_3"), finished_ms=ended.end_ms))
    stack.trips.due.clear()  # and it was settled
    tracker = replace(stack.tracker, live=Behind(before, live.but(version=live.version + 1)))
    late = ride(1)[0]._replace(t_ms=running.start_ms + 5_000)
    assert tracker.track(records([upload(late)])) == []
    assert history.Sighting("app", late) in stack.history.read("demo/tr_3").values()
    assert stack.trips.due == {"tr_3"}


def test_a_ping_of_a_trip_that_the_item_read_did_not_show_yet_is_stored() -> None:
    window = WINDOWS[2]
    ahead = Ping(window.start_ms + 55_000, 31_230_000, 121_470_000)  # a phone whose clock is fast
    idle = Live("demo", "wang", T0_MS, newest=ahead, outside=1)
    now = idle.with_window(window).but(version=T0_MS + 1)
    stack = Stack((window,))
    live = Behind({"demo/wang": idle}, now)
    ping = Ping(window.start_ms + 10_000, 31_230_000, 121_470_000)
    assert replace(stack.tracker, live=live).track(records([upload(ping)])) == []
    assert history.Sighting("app", ping) in live.items["demo/wang"].tail.values()


def test_one_item_that_cannot_be_written_leaves_its_neighbours_alone() -> None:
    stack = Stack()
    stack.live.put_many = lambda writes: [
        ValueError("no item") if write.live.courier == "li" else stack.live._tried(*write) for write in writes
    ]
    other = upload(*ride(3))
    failed = stack.tracker.track(records([Upload("demo", "li", "app", RECEIVED_MS, other.pings), other]))
    assert failed == []
    assert stack.live.items["demo/wang"].trip == "tr_3"
    assert [owner for owner, _ in stack.quarantine.kept.values()] == ["demo/li"]


def test_a_position_from_before_the_running_trip_is_not_kept() -> None:
    """An active trip's item never expires, so the position would stay."""
    window = WINDOWS[2]
    stack = Stack((window,))
    before = Ping(window.start_ms - 30_000, 31_230_000, 121_470_000)
    stack.live.items["demo/wang"] = Live("demo", "wang", T0_MS, newest=before).with_window(window)
    assert stack.tracker.track(records([upload(before)])) == []
    assert stack.live.items["demo/wang"].newest is None
