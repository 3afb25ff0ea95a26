"""The tracker as a state machine: uploads come, workers die at any call, are overtaken or come back late."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from cli.replay.ledger import Ledger
from cli.replay.simulator import Made
from stacks.tasks.trips.book import PipelineBook
from storage.trips import Trip
from telemetry.live import Window
from telemetry.ping import Ping
from telemetry.upload import Upload
from tests.faults.cast import ROUTES
from tests.faults.check import check
from tests.faults.clean import clean
from tests.faults.memory import FATES, Memory
from tests.faults.truth import FLEET, Courier, Event, Truth

NOW = 1_795_550_000.0
START_MS = 1_795_500_000_000
TRIP_MS, GAP_MS = 1_800_000, 600_000
ROUTE = "chaos-plain"

fates = st.lists(st.tuples(st.integers(0, 12), st.sampled_from(FATES)), max_size=3)
"""Which calls of an invocation meet what."""


class Tracking(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.truth, self.calls, self.script, self.raced = Truth(Ledger()), 0, {}, False
        self.memory = Memory(NOW, self._fate)
        self.courier = self.truth.couriers.setdefault("rider", Courier("rider", ordered=False))
        self.book = PipelineBook(self.memory.trips, self.memory.windows, self.memory.live)
        self.trips, self.ridden, self.done = 0, 0, 0
        self.stream: list[Upload] = []
        self.forgot = False

    def _fate(self, where: str) -> str | None:
        self.calls += 1
        if self.raced and where.endswith("put_item"):
            return "overtaken"
        return self.script.get(self.calls - 1)

    @property
    def start_ms(self) -> int:
        return START_MS + (self.trips - 1) * (TRIP_MS + GAP_MS)

    @property
    def riding(self) -> bool:
        return self.courier.windows()[-1].end_ms is None

    @initialize()
    def first(self) -> None:
        self._begin()

    @precondition(lambda self: not self.riding and self.trips < 3)
    @rule()
    def starts_again(self) -> None:
        self._begin()

    @precondition(lambda self: self.riding)
    @rule()
    def finishes(self) -> None:
        window = self.courier.windows()[-1]
        self._put_down(Window(window.trip, window.route, window.start_ms, self.start_ms + TRIP_MS))

    @precondition(lambda self: self.riding)
    @rule(count=st.integers(1, 60), step_ms=st.sampled_from([1000, 10_000]))
    def rides_on(self, count: int, step_ms: int) -> None:
        """The next pings along the route, as long as the trip lasts."""
        first = self.start_ms + self.ridden + step_ms
        times = [t for t in range(first, first + count * step_ms, step_ms) if t < self.start_ms + TRIP_MS]
        if times:
            self.ridden = times[-1] - self.start_ms
            self._sent([self._ping(t_ms) for t_ms in times])

    @rule(
        trip=st.integers(1, 3),
        seconds=st.lists(st.integers(0, TRIP_MS // 1000 - 1), min_size=1, max_size=8, unique=True),
        off_e6=st.integers(0, 3),
    )
    def older_ones_come(self, trip: int, seconds: list[int], off_e6: int) -> None:
        """Late, again or in conflict; of this trip or one before."""
        start_ms = START_MS + (min(trip, self.trips) - 1) * (TRIP_MS + GAP_MS)
        self._sent([self._ping(start_ms + second * 1000, off_e6) for second in sorted(seconds)])

    @precondition(lambda self: not self.riding)
    @rule(count=st.integers(1, 3))
    def pings_outside(self, count: int) -> None:
        end_ms = self.start_ms + TRIP_MS
        self._sent([self._ping(end_ms + 1000 * (n + 1)) for n in range(count)])

    @precondition(lambda self: self.done < len(self.stream))
    @rule(count=st.integers(1, 4), script=fates, beyond=st.integers(0, 4), raced=st.booleans())
    def a_batch_is_delivered(self, count: int, script: list, beyond: int, raced: bool) -> None:
        """raced: another worker has the batch and `beyond` more just before the first chunk is written."""
        self.raced = raced
        batch = self.stream[self.done : self.done + count]
        more = self.stream[self.done : self.done + count + beyond]
        if self._deliver(batch, script, more):
            self.done += len(batch)

    @precondition(lambda self: self.done)
    @rule(back=st.integers(1, 6), count=st.integers(1, 3), script=fates)
    def an_old_batch_comes_again(self, back: int, count: int, script: list) -> None:
        first = max(self.done - back, 0)
        batch = self.stream[first : min(first + count, self.done)]
        self._deliver(batch, script, batch)

    @rule(script=fates)
    def ended_trips_are_settled(self, script: list) -> None:
        self.calls, self.script = 0, dict(script)
        self.memory.settle()
        self.script = {}

    @rule()
    def what_may_expire_is_deleted(self) -> None:
        self.forgot = True
        self.memory.expire()

    def teardown(self) -> None:
        if self.done < len(self.stream):
            self.memory.quietly(self.stream[self.done :])
        if self.forgot and self.riding:
            # An item made anew does not know how far the chunks go: what conflicts with them is told apart
            # when its tail is put away, at rest.
            self.finishes()
        self.memory.settle(quietly=True)
        observed = self.memory.observed()
        observed.lanes[self.courier.key]["lane"] = self.stream
        verdict = check(self.truth, observed, clean(self.truth, NOW))
        assert verdict.holds, verdict.broken[:5]

    def _begin(self) -> None:
        self.trips += 1
        self.ridden = 0
        window = Window(f"tr_{self.trips}", f"{ROUTE}@1", self.start_ms)
        self.courier.routes[window.trip] = ROUTE
        self._put_down(window)

    def _put_down(self, window: Window) -> None:
        trip = Trip(window.trip, FLEET, "rider", "task", window.route, window.start_ms, window.end_ms)
        (self.book.start if window.end_ms is None else self.book.finish)(trip, self.memory.now)
        self.courier.events.append(Event(window=window))

    def _ping(self, t_ms: int, off_e6: int = 0) -> Ping:
        along = (t_ms - START_MS) % (TRIP_MS + GAP_MS) / 1000 * 5.0
        lon, lat = ROUTES[ROUTE].point_at(along)
        return Ping(t_ms, round(lat * 1e6) + off_e6, round(lon * 1e6), 50 + off_e6 % 2)

    def _sent(self, pings: list[Ping]) -> None:
        upload = Upload(FLEET, "rider", "app", round(NOW * 1000), tuple(pings))
        made = [Made(p.t_ms, p.lat, p.lon) for p in pings]
        for one in made:
            self.truth.ledger.made("rider", "app", one)
        self.truth.ledger.sent("rider", "app", made).acknowledged_at = NOW
        self.courier.events.append(Event(upload=upload.to_bytes()))
        self.stream.append(upload)

    def _deliver(self, batch: list[Upload], script: list, others: list[Upload]) -> bool:
        self.calls, self.script = 0, dict(script)
        done = self.memory.deliver(batch, lambda: self.memory.quietly(others))
        self.script, self.raced = {}, False
        return done


TestTracking = Tracking.TestCase
TestTracking.settings = settings(settings.get_profile(settings._current_profile), stateful_step_count=30)


def test_a_conflict_with_what_an_item_forgot_is_told_apart_at_rest() -> None:
    state = Tracking()
    state.first()
    state.finishes()
    state.ended_trips_are_settled(script=[])
    state.older_ones_come(off_e6=0, seconds=[0], trip=1)
    state.a_batch_is_delivered(beyond=0, count=1, raced=False, script=[])
    state.what_may_expire_is_deleted()
    state.starts_again()
    state.older_ones_come(off_e6=1, seconds=[0], trip=1)
    state.teardown()
