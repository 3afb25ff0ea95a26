"""The phone's rules, with a transport that fails on demand and a clock that only sleeping moves."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from random import Random

import pytest

from cli.replay.credential import Credential
from cli.replay.figures import Figures, percentile
from cli.replay.formats.overland import Overland
from cli.replay.formats.own import Own
from cli.replay.ledger import Ledger
from cli.replay.pace import Pace, Rate, Timeline
from cli.replay.phone import Phone, World
from cli.replay.retry import Backoff
from cli.replay.simulator import Made
from cli.replay.transport import Answer, Unreachable

T0 = 1_795_492_800.0
TAKEN = Answer(200, b'{"accepted": 1, "rejected": []}')


class Bench:
    """A phone and all around it. answers: what the transport does next; after them every upload is taken."""

    def __init__(self, answers=(), form=None) -> None:
        self.now = T0
        self.slept: list[float] = []
        self.sent = []
        self.answers = deque(answers)
        self.tokens = 0
        self.ledger, self.figures = Ledger(), Figures()
        world = World(
            "http://pipeline", self.send, form or Own(), self.ledger, self.figures,
            self.sleep, self.turn, lambda: self.now, lambda: self.now,
        )  # fmt: skip
        self.phone = Phone(world, "li", "app", Credential(self.token), Random(1))

    async def token(self) -> str:
        self.tokens += 1
        return f"token-{self.tokens}"

    async def turn(self) -> None:
        self.now += 0.001

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def send(self, out):
        self.sent.append(out)
        answer = self.answers.popleft() if self.answers else TAKEN
        if isinstance(answer, Exception):
            raise answer
        return answer

    def run(self, pings: int, most: int = 6) -> None:
        for i in range(pings):
            self.phone.take(ping(i))
        asyncio.run(self.phone.upload(most))

    def times(self) -> list[list[float]]:
        return [[p["t"] for p in json.loads(out.body)["pings"]] for out in self.sent]


def ping(i: int, **more) -> Made:
    return Made(round((T0 + 10 * i) * 1000), 31.23 + i * 1e-4, 121.47, **more)


def test_uploads_are_in_order_and_full_but_for_the_last() -> None:
    bench = Bench()
    bench.run(14)
    assert bench.times() == [[T0 + 10 * i for i in range(a, b)] for a, b in ((0, 6), (6, 12), (12, 14))]
    assert len(bench.phone) == 0
    assert bench.figures.acknowledged == 14
    assert bench.ledger.acknowledged("li") == set(bench.ledger.pings_of("li"))


@pytest.mark.parametrize(
    "trouble",
    [Unreachable("no route"), Answer(500, b""), Answer(503, b"{}"), Answer(429, b""), Answer(408, b"")],
)
def test_passing_trouble_is_tried_again_with_the_same_upload_before_any_other(trouble) -> None:
    bench = Bench([trouble] * 5)
    bench.run(12)
    assert bench.times() == [[T0 + 10 * i for i in range(6)]] * 6 + [[T0 + 10 * i for i in range(6, 12)]]
    first, second = bench.ledger.uploads_of("li")
    assert (first.tries, second.tries) == (6, 1)
    assert bench.figures.again.total() == 5
    assert (bench.figures.uploads, bench.figures.refused) == (2, 0)
    assert bench.figures.took_s[0] == pytest.approx(sum(bench.slept))


def test_it_never_gives_up_and_its_waits_grow_to_a_bound_with_jitter() -> None:
    bench = Bench([Answer(503, b"")] * 500)
    bench.run(1)
    assert bench.figures.acknowledged == 1
    bound = Backoff()
    assert all(wait <= bound.first_s * 2**i for i, wait in enumerate(bench.slept[:6]))
    assert max(bench.slept) <= bound.most_s
    assert len(set(bench.slept)) == 500
    assert sum(bench.slept[100:]) / 400 == pytest.approx(bound.most_s / 2, rel=0.15)


def test_retry_after_is_kept_within_reason() -> None:
    bench = Bench([Answer(429, b"", "20"), Answer(429, b"", "86400"), Answer(429, b"", "tomorrow")])
    bench.run(1)
    assert bench.slept[0] == 20
    assert bench.slept[1] == 30
    assert bench.slept[2] <= 2


def test_a_refusal_is_counted_given_up_and_does_not_hold_up_the_rest() -> None:
    bench = Bench([Answer(400, b'{"detail": "pings: bad"}')])
    bench.run(12)
    assert len(bench.sent) == 2
    assert bench.figures.refused == 1
    assert bench.figures.reasons == {"400 pings: bad": 1}
    refused, taken = bench.ledger.uploads_of("li")
    assert (refused.refused, refused.acknowledged_at) == ("400 pings: bad", None)
    assert bench.ledger.acknowledged("li") == set(taken.identities())


def test_an_expired_token_is_had_anew_once_and_a_second_401_is_a_refusal() -> None:
    expired = Bench([Answer(401, b"")])
    expired.run(1)
    assert [out.headers["authorization"] for out in expired.sent] == ["Bearer token-1", "Bearer token-2"]
    assert expired.figures.acknowledged == 1
    barred = Bench([Answer(401, b'{"detail": "no"}')] * 2)
    barred.run(1)
    assert barred.figures.reasons == {"401 no": 1}


def test_pings_that_the_answer_names_are_not_acknowledged() -> None:
    answer = {"accepted": 5, "rejected": [{"index": 2, "field": "lat", "reason": "far"}]}
    bench = Bench([Answer(200, json.dumps(answer).encode())])
    bench.run(6)
    assert bench.ledger.rejected("li") == {("app", ping(2).t_ms)}
    assert len(bench.ledger.acknowledged("li")) == 5
    assert (bench.figures.acknowledged, bench.figures.rejected) == (5, 1)


def test_a_success_that_is_not_ours_is_tried_again() -> None:
    bench = Bench([Answer(200, b"<html>sign in to this network</html>"), Answer(200, b"[]")])
    bench.run(1)
    assert bench.figures.again.total() == 2
    assert bench.figures.acknowledged == 1


def test_our_own_ping_leaves_out_what_is_not_known() -> None:
    bench = Bench()
    bench.phone.take(ping(0))
    bench.phone.take(ping(1, accuracy_m=5.0, speed_mps=0.0, heading_deg=90.0))
    asyncio.run(bench.phone.upload(6))
    bare, full = json.loads(bench.sent[0].body)["pings"]
    assert bare == {"t": T0, "lat": 31.23, "lon": 121.47}
    assert full.items() >= {"accuracy_m": 5.0, "speed_mps": 0.0, "heading_deg": 90.0}.items()


def test_overland_puts_the_key_into_the_address_and_waits_for_its_own_ok() -> None:
    bench = Bench([Answer(200, b'{"result": "busy"}'), Answer(200, b'{"result": "ok"}')], Overland())
    bench.phone.take(Made(1_795_492_800_007, 31.23, 121.47, accuracy_m=5.0))
    asyncio.run(bench.phone.upload(6))
    assert [out.url for out in bench.sent] == ["http://pipeline/v1/devices/token-1/overland"] * 2
    assert "authorization" not in bench.sent[0].headers
    (point,) = json.loads(bench.sent[0].body)["locations"]
    assert point["geometry"] == {"type": "Point", "coordinates": [121.47, 31.23]}
    assert point["properties"] == {
        "timestamp": "2026-11-24T04:00:00.007Z", "horizontal_accuracy": 5.0, "speed": -1, "course": -1,
    }  # fmt: skip
    assert bench.figures.acknowledged == 1


def test_a_timeline_waits_as_long_as_the_pace_says() -> None:
    bench = Bench()

    def waited(pace: str, ride_s: float) -> float:
        bench.now, bench.slept = T0, []
        timeline = Timeline(Pace.parse(pace), T0 - 100, T0, lambda: bench.now, bench.sleep)
        asyncio.run(timeline.until(T0 - 100 + ride_s))
        return sum(bench.slept)

    assert (waited("1x", 30), waited("10x", 30), waited("max", 30)) == (30, 3, 0)
    assert waited("1x", -5) == 0


def test_turns_are_even_and_an_interruption_is_not_made_up_for_at_once() -> None:
    bench = Bench()
    rate = Rate(100.0, bench.sleep, lambda: bench.now)

    async def turns(n: int) -> None:
        for _ in range(n):
            await rate.turn()

    asyncio.run(turns(1000))
    assert bench.now - T0 == pytest.approx(10, abs=0.6)
    bench.now += 60
    before = bench.now
    asyncio.run(turns(100))
    assert bench.now - before == pytest.approx(0.5, abs=0.02)


def test_percentiles_are_of_the_nearest_rank() -> None:
    assert [percentile([3, 1, 2, 4], share) for share in (0, 0.5, 0.95, 1)] == [1, 3, 4, 4]
    assert str(percentile([], 0.5)) == "nan"
