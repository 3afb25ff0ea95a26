"""Time comes from here and is passed in, so that tests and the laptop can set it.

The laptop may let it run faster than the machine's (`CLOCK=60x`): it then calls `use` in each of its
processes before anything else. Nobody else does, so that elsewhere it is the machine's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]
"""Returns Unix seconds."""

Stopwatch = Callable[[], float]
"""Returns seconds of the machine since whenever, as `time.monotonic`: how long work may take does not depend
on how fast the clock runs."""


@dataclass(frozen=True, slots=True)
class Course:
    """A clock that showed the machine's time at `since` [s, Unix] and runs `times` as fast from there."""

    since: float = 0.0
    times: float = 1.0

    def __str__(self) -> str:
        return f"{self.since!r} {self.times!r}"

    @classmethod
    def parse(cls, text: str) -> Course:
        """From its `str`. Raises ValueError."""
        since, times = text.split(" ")
        return cls(float(since), float(times))

    def now_s(self, machine_s: float) -> float:
        """What it shows when the machine's clock shows `machine_s`."""
        return machine_s if self.times == 1.0 else self.since + (machine_s - self.since) * self.times


_course = Course()


def use(course: Course) -> None:
    """From now on `now_s` runs so, in this process."""
    global _course  # noqa: PLW0603 - one process has one time
    _course = course


def now_s() -> float:
    return _course.now_s(time.time())


def machine_s(seconds: float) -> float:
    """How long so many seconds of `now_s` last on the machine's clock, for who has to wait."""
    return seconds / _course.times
