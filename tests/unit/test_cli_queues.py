"""When the apps' queues send, what they send, what they drop: in their own time, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest

from cli.replay.play import REQUEST_S, Player
from cli.replay.queues import NEVER, Outcome, Queue
from cli.replay.queues.background_geolocation import BackgroundGeolocationQueue
from cli.replay.queues.gpslogger import GpsLoggerQueue
from cli.replay.queues.overland import OverlandOwnTracks, OverlandQueue
from cli.replay.queues.own import OwnQueue
from cli.replay.queues.owntracks import OwnTracksAndroid, OwnTracksIos
from cli.replay.queues.traccar import traccar8, traccar9, traccar10
from cli.replay.simulator import Made

T0 = 1_795_492_800
OK, NONE = Outcome(True, 200), Outcome(False)
EVERY = [
    traccar8, traccar9, traccar10, OwnTracksAndroid, OwnTracksIos, OverlandQueue, GpsLoggerQueue,
    BackgroundGeolocationQueue, lambda: BackgroundGeolocationQueue(most=3, newest_first=True), OwnQueue,
]  # fmt: skip


def fixes(count: int, every_s: int = 10) -> list[Made]:
    return [
        Made((T0 + i * every_s) * 1000, 31.2, 121.4, ready_ms=(T0 + i * every_s) * 1000) for i in range(count)
    ]


class Bench:
    """answer: of the seconds since T0. sent: for each request when it left, and which fixes it had."""

    def __init__(self, queue: Queue, answer: Callable[[float], Outcome]) -> None:
        self.queue, self.answer = queue, answer
        self.sent: list[tuple[float, list[int]]] = []
        self.player = Player(queue, self.exchange)

    async def exchange(self, now, pings) -> Outcome:
        self.sent.append((round(now - T0, 1), [(ping.t_ms // 1000 - T0) // 10 for ping in pings]))
        return self.answer(now - T0)

    def ride(self, pings, until_s: float = 7200.0) -> Bench:
        asyncio.run(self.player.ride(pings, T0 + until_s))
        return self

    def gaps(self) -> list[int]:
        times = [at for at, _ in self.sent]
        return [round(b - a - REQUEST_S) for a, b in pairwise(times)]


@pytest.mark.parametrize("queue", EVERY)
@pytest.mark.parametrize("failure", [NONE, Outcome(False, 500), Outcome(False, 503, 7.0)])
def test_after_ten_minutes_of_failures_everything_is_taken(queue, failure) -> None:
    bench = Bench(queue(), lambda t: failure if 60 <= t < 660 else OK).ride(fixes(90))
    taken = {i for at, batch in bench.sent if not 60 <= at < 660 for i in batch}
    gone = {(p.t_ms // 1000 - T0) // 10 for p in bench.queue.dropped}
    assert taken | gone == set(range(90))
    assert not bench.queue
    assert bool(gone) == isinstance(bench.queue, GpsLoggerQueue)


@pytest.mark.parametrize(
    ("queue", "gaps"),
    [
        (traccar8, [30] * 8),
        (traccar10, [5, 10, 20, 40, 80, 160, 300, 300]),
        (OwnTracksAndroid, [1, 2, 4, 8, 16, 32, 64, 120, 120]),
        (OwnTracksIos, [1, 2, 4, 8, 16, 32, 64, 64]),
    ],
)
def test_one_fix_comes_again_and_again(queue, gaps) -> None:
    bench = Bench(queue(), lambda _: NONE).ride(fixes(1))
    assert bench.gaps()[: len(gaps)] == gaps
    assert {tuple(batch) for _, batch in bench.sent} == {(0,)}


def test_owntracks_forgets_its_wait_on_android_and_keeps_it_on_ios() -> None:
    """After a success, the first failure of a new trouble."""
    for queue, gap in ((OwnTracksAndroid, 1), (OwnTracksIos, 64)):
        bench = Bench(queue(), lambda t: NONE if t < 600 or 3000 <= t < 3020 else OK)
        bench.ride([*fixes(1), fixes(301)[-1]])
        later = [at for at, batch in bench.sent if batch == [300]]
        assert round(later[1] - later[0] - REQUEST_S) == gap


@pytest.mark.parametrize("status", [400, 401, 408, 413, 429])
def test_owntracks_on_ios_drops_at_any_4xx_and_nobody_else_does(status) -> None:
    for queue in EVERY:
        bench = Bench(queue(), lambda t: Outcome(False, status) if t < 70 else OK).ride(fixes(12))
        gives_up = isinstance(bench.queue, OwnQueue) and status not in (408, 429)
        assert bool(bench.queue.dropped) == (isinstance(bench.queue, OwnTracksIos) or gives_up)


def test_gpslogger_gives_up_after_three_retries_and_its_file_has_all() -> None:
    bench = Bench(GpsLoggerQueue(), lambda t: NONE if t < 400 else OK).ride(fixes(3, every_s=300))
    assert [at for at, batch in bench.sent if batch == [0]] == pytest.approx([1, 31.2, 91.4, 211.6])
    assert len(bench.queue.dropped) == 1
    bench.sent.clear()
    bench.queue.resend(T0 + 1000)
    bench.ride([])
    assert [batch for _, batch in bench.sent] == [[0], [30], [60]]


def test_gpslogger_sends_its_file_again_from_the_top() -> None:
    queue = GpsLoggerQueue()
    Bench(queue, lambda _: OK).ride(fixes(3))
    answers = iter([OK, NONE, OK, OK, OK])
    bench = Bench(queue, lambda _: next(answers))
    queue.resend(T0 + 100)
    assert [batch for _, batch in bench.ride([]).sent] == [[0], [1], [0], [1], [2]]


def test_background_geolocation_waits_for_ten_records_and_sends_all_in_one() -> None:
    bench = Bench(BackgroundGeolocationQueue(), lambda t: NONE if t < 100 else OK).ride(fixes(16))
    assert bench.sent[:2] == [(0, [0]), (100, list(range(11)))]
    assert [batch for _, batch in bench.sent[2:]] == [[i] for i in range(11, 16)]


def test_background_geolocation_may_send_the_newest_first() -> None:
    queue = BackgroundGeolocationQueue(most=4, newest_first=True)
    bench = Bench(queue, lambda t: NONE if t < 100 else OK).ride(fixes(11))
    assert [batch for _, batch in bench.sent[1:]] == [[10, 9, 8, 7], [6, 5, 4, 3], [2, 1, 0]]


def test_background_geolocation_drops_what_is_older_than_a_day() -> None:
    bench = Bench(BackgroundGeolocationQueue(), lambda _: NONE).ride(fixes(3, every_s=50_000))
    assert [(p.t_ms // 1000 - T0) for p in bench.queue.dropped] == [0]


def test_overland_sends_at_a_fix_and_not_before_its_interval() -> None:
    bench = Bench(OverlandQueue(interval_s=30), lambda _: OK).ride(fixes(9))
    assert bench.sent == [(0, [0]), (40, [1, 2, 3, 4]), (80, [5, 6, 7, 8])]


def test_overland_adds_the_newest_to_a_backlog() -> None:
    bench = Bench(OverlandQueue(most=3, interval_s=5), lambda t: NONE if t < 40 else OK).ride(fixes(7))
    assert [batch for at, batch in bench.sent if at >= 40] == [[0, 1, 2, 4], [3, 4, 5], [6]]


def test_overland_as_owntracks_has_the_newest_only() -> None:
    """[] is no success, and holds nothing up."""
    bench = Bench(OverlandOwnTracks(interval_s=1), lambda _: Outcome(False, 200)).ride(fixes(4))
    assert [batch for _, batch in bench.sent] == [[0], [1], [2], [3]]
    assert len(bench.queue) == 1


def test_our_own_waits_as_long_as_retry_after_says() -> None:
    bench = Bench(OwnQueue(most=2), lambda t: Outcome(False, 429, 25.0) if t < 60 else OK).ride(fixes(2))
    assert bench.gaps() == [25, 25]
    assert bench.queue.due() == NEVER
