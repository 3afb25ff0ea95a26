"""When things happen: a ride's time as time on the wall, and how often uploads may leave."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cli.replay.retry import Sleep
from telemetry.clock import Clock, machine_s


@dataclass(frozen=True, slots=True)
class Pace:
    """times: so many times as fast as it was ridden; inf, as fast as possible."""

    times: float

    @classmethod
    def parse(cls, text: str) -> Pace:
        """`1x`, `2.5x` or `max`. Raises ValueError."""
        if text == "max":
            return cls(math.inf)
        times = float(text.removesuffix("x"))
        if not (text.endswith("x") and 1 <= times < math.inf):
            raise ValueError(text)
        return cls(times)

    def start(self, now: float, duration_s: float) -> float:
        """When a ride of `duration_s` must have started to end with its replay, and never in the future."""
        return now - duration_s * (1 - 1 / self.times)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Ride time [s, Unix] from `start_s` on, replayed from `began_s` by the clock."""

    pace: Pace
    start_s: float
    began_s: float
    clock: Clock
    sleep: Sleep

    async def until(self, ride_s: float) -> None:
        wait_s = self.began_s + (ride_s - self.start_s) / self.pace.times - self.clock()
        if wait_s > 0:
            await self.sleep(machine_s(wait_s))


@dataclass
class Rate:
    """Turns spread evenly over time, `per_s` in a second; who comes late waits less, but for `SLACK_S`."""

    per_s: float
    sleep: Sleep
    ticks: Callable[[], float] = time.perf_counter
    _next: float = field(default=-math.inf)

    SLACK_S = 0.5

    async def turn(self) -> None:
        now = self.ticks()
        self._next = max(self._next + 1 / self.per_s, now - self.SLACK_S)
        if self._next > now:
            await self.sleep(self._next - now)
