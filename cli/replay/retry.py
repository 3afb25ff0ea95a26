"""How long to wait before trying again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from random import Random

from cli.replay.transport import Answer

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubling from `first_s` to `most_s`, each wait drawn from nothing to all of it (full jitter)."""

    first_s: float = 0.5
    most_s: float = 30.0

    def waits(self, chance: Random) -> Iterator[float]:
        """Seconds, for ever."""
        bound = self.first_s
        while True:
            yield chance.uniform(0, bound)
            bound = min(2 * bound, self.most_s)


def passing(answer: Answer) -> bool:
    """Whether the same request may well succeed later."""
    return answer.status >= 500 or answer.status in (408, 425, 429)


def asked_wait(answer: Answer, most_s: float) -> float:
    """What Retry-After asks for [s], 0 where it says nothing or gives a date."""
    text = answer.retry_after or ""
    return min(float(text), most_s) if text.isascii() and text.isdigit() else 0.0
