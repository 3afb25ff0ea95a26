"""A bucket lets through no more than burst + rate x time, no less for who keeps to it, and stays small."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.receive.limits import Buckets, Rate

rates = st.builds(Rate, st.floats(0.1, 100), st.floats(1, 50))
# Time that passes before each request [s], and who sends it.
requests = st.lists(st.tuples(st.floats(0, 5), st.integers(0, 3)), max_size=120)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@given(rates, requests)
def test_no_more_than_burst_and_rate_are_let_through(rate, asked) -> None:
    clock = Clock()
    buckets = Buckets(rate, clock)
    through: dict[int, list[float]] = {}
    for pause, who in asked:
        clock.now += pause
        if not buckets.wait_s(who):
            buckets.take(who)
            through.setdefault(who, []).append(clock.now)
    for times in through.values():
        for i, begin in enumerate(times):
            for count, end in enumerate(times[i:], 1):
                assert count <= rate.burst + rate.per_s * (end - begin) + 1e-6


@given(rates, st.integers(1, 200))
def test_who_keeps_to_the_rate_never_waits(rate, count) -> None:
    clock = Clock()
    buckets = Buckets(rate, clock)
    for _ in range(count):
        assert buckets.wait_s("dv_1") == 0
        buckets.take("dv_1")
        clock.now += 1.0001 / rate.per_s


@given(rates, requests)
def test_after_the_wait_that_was_named_there_is_a_token(rate, asked) -> None:
    clock = Clock()
    buckets = Buckets(rate, clock)
    for pause, who in asked:
        clock.now += pause
        clock.now += buckets.wait_s(who) + 1e-6
        assert buckets.wait_s(who) == 0
        buckets.take(who)


@given(st.integers(1, 20), st.lists(st.integers(0, 1000), max_size=200))
def test_memory_is_bounded_and_the_newest_are_kept(most, names) -> None:
    buckets = Buckets(Rate(1.0, 1.0), lambda: 0.0, most)
    for name in names:
        if not buckets.wait_s(name):
            buckets.take(name)
        assert len(buckets) <= most
    if names:
        assert buckets.wait_s(names[-1]) > 0
