"""Token buckets: who has to wait, how long, whose bucket pays, and what is told of who need not."""

from __future__ import annotations

import pytest

from ingest.receive.limits import TOLD_S, Buckets, Limits, Rate
from telemetry.problem import TooMany
from tests.fakes import FakeLog


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


def limits(clock: Clock, device: Rate = Rate(1.0, 3.0), fleet: Rate = Rate(2.0, 5.0)) -> Limits:  # noqa: B008 - immutable
    return Limits(Buckets(device, clock), Buckets(fleet, clock), clock, FakeLog())


def refused(limits: Limits, device: str, fleet: str = "demo") -> TooMany | None:
    try:
        limits.ask(fleet, device)
    except TooMany as problem:
        return problem
    return None


def test_after_its_burst_a_phone_waits_and_is_told_how_long(clock) -> None:
    found = limits(clock)
    assert not any(refused(found, "dv_1") for _ in range(3))
    problem = refused(found, "dv_1")
    assert problem is not None
    assert (problem.status, problem.headers) == (429, {"retry-after": "1"})
    assert "This phone sends more than 1 uploads a second, after a burst of 3" in problem.detail
    assert refused(found, "dv_2") is None
    clock.now += 1.0
    assert refused(found, "dv_1") is None
    assert refused(found, "dv_1")


def test_a_slow_rate_asks_for_a_long_wait(clock) -> None:
    found = limits(clock, device=Rate(0.1, 1.0))
    assert refused(found, "dv_1") is None
    clock.now += 1.5
    problem = refused(found, "dv_1")
    assert problem is not None
    assert problem.headers == {"retry-after": "9"}  # 8.5 s


def test_a_phone_over_its_limit_takes_nothing_from_its_fleet(clock) -> None:
    found = limits(clock)
    for _ in range(50):
        refused(found, "dv_1")
    assert [refused(found, f"dv_{i}") for i in (2, 3)] == [None, None]
    problem = refused(found, "dv_4")  # three of dv_1 and these two: the fleet's five
    assert problem is not None
    assert "This fleet" in problem.detail
    assert refused(found, "dv_4", fleet="other") is None


def test_who_would_lose_positions_is_let_through_and_told_once_a_minute(clock) -> None:
    found = limits(clock)
    for _ in range(10):
        found.ask("demo", "dv_1", waits=False)
    assert found.log.lines == [
        ("uploads over a limit let through", {"uploads": 1, "fleet": "demo", "newest": "dv_1"})
    ]
    clock.now += TOLD_S + 3.0  # the bucket is full again
    for _ in range(4):
        found.ask("demo", "dv_1", waits=False)
    assert found.log.lines[1][1]["uploads"] == 7


def test_a_clock_that_is_set_back_makes_nobody_wait_for_it(clock) -> None:
    found = limits(clock)
    assert not any(refused(found, "dv_1") for _ in range(3))
    clock.now -= 10_000
    assert not any(refused(found, "dv_1") for _ in range(3))
    assert refused(found, "dv_1")
