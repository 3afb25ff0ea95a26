"""Track under duplication, reordering, lost races and any batch boundaries: what is stored is one set."""

from __future__ import annotations

import logging
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from geo.route import compile_route
from processors.track.track import Tracker
from storage.live import Raced, item_bytes
from telemetry import history
from telemetry.live import Live, Window
from telemetry.ping import Ping
from telemetry.upload import Upload
from tests.fakes import FakeHistory, FakeLive, FakeQuarantine, FakeRoutes, FakeWindows
from tests.kinesis import records
from tests.strategies import T0_MS

ROUTE = compile_route([(121.47, 31.23), (121.49, 31.23), (121.49, 31.25)])
HOUR_MS = 3_600_000
WINDOWS = (
    Window("tr_1", "plain@1", T0_MS, T0_MS + HOUR_MS),
    Window("tr_2", "plain@1", T0_MS + 2 * HOUR_MS, T0_MS + 3 * HOUR_MS),
    Window("tr_3", "plain@1", T0_MS + 4 * HOUR_MS, None),
)


class Stack:
    """The tracker with everything around it in memory."""

    def __init__(self) -> None:
        self.live, self.windows, self.history = FakeLive(), FakeWindows(), FakeHistory()
        self.quarantine = FakeQuarantine()
        for window in WINDOWS:
            self.windows.open("demo/wang", window)
        self.tracker = Tracker(
            live=self.live,
            windows=self.windows,
            history=self.history,
            routes=FakeRoutes(plain=ROUTE),
            quarantine=self.quarantine,
            clock=lambda: T0_MS / 1000 + 5 * 3600,
            log=logging.getLogger("test"),
        )

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
    return Upload("demo", "wang", "app", T0_MS, tuple(sorted(pings)))


def ride(n: int, start_ms: int = T0_MS + 4 * HOUR_MS, step_ms: int = 10_000) -> list[Ping]:
    """N pings along the first leg, 5 m/s."""
    pings = []
    for i in range(n):
        lon, lat = ROUTE.point_at(5.0 * i * step_ms / 1000)
        pings.append(Ping(start_ms + i * step_ms, round(lat * 1e6), round(lon * 1e6), 50))
    return pings


offsets = st.integers(-HOUR_MS // 1000, 5 * HOUR_MS // 1000 - 1)
scattered = st.builds(
    Ping,
    t_ms=offsets.map(lambda s: T0_MS + s * 1000),
    lat_e6=st.sampled_from([31_230_000, 31_230_500]),
    lon_e6=st.sampled_from([121_470_000, 121_480_000]),
    accuracy_dm=st.sampled_from([-1, 50]),
    speed_dmps=st.just(-1),
    heading=st.just(-1),
)


@given(
    st.lists(st.lists(scattered, min_size=1, max_size=12), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
    st.data(),
)
def test_stored_and_quarantined_sets_do_not_depend_on_delivery(groups, random, data) -> None:
    uploads = [upload(*group) for group in groups]
    clean, messy = Stack(), Stack()
    for one in uploads:
        assert clean.tracker.track(records([one])) == []
    delivered = [*uploads, *random.sample(uploads, k=data.draw(st.integers(0, len(uploads))))]
    random.shuffle(delivered)
    while delivered:
        cut = data.draw(st.integers(1, len(delivered)))
        assert messy.tracker.track(records(delivered[:cut])) == []
        delivered = delivered[cut:]
    assert messy.stored() == clean.stored()
    inside = {s for trip in clean.stored().values() for s in trip}
    sent = {history.Sighting("app", p) for one in uploads for p in one.pings}
    held = {s for s in sent if any(w.holds(s.ping.t_ms) for w in WINDOWS)}
    assert inside == set(history.unite({}, held).sightings.values())
    # Every loser is in quarantine, whoever came first.
    assert set(messy.quarantine.kept) >= {
        k for k in clean.quarantine.kept if clean.quarantine.kept[k] in messy.quarantine.kept.values()
    }
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
    pings = [Ping(trips[1].start_ms + dt, *rest) for dt, *rest in rows]
    wild = Upload("demo", courier, "d" * 48, T0_MS, tuple(sorted(pings)))
    stack.tracker.track(records([wild]))
    assert item_bytes(stack.live.items[f"demo/{courier}"]) <= 1000
