"""Our own client (cli.replay.phone): batches, oldest first.

No answer, 408, 425, 429 and 5xx are tried again for ever, after a drawn wait or what Retry-After asks for;
any other refusal is given up, as it would come again; 401 only with a new token, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from cli.replay.queues import NEVER, Outcome, Queue
from cli.replay.retry import Backoff, passing
from cli.replay.simulator import Made
from cli.replay.transport import Answer


@dataclass
class OwnQueue(Queue):
    """most: it sends when so many wait, or the ride is over."""

    most: int = 6
    chance: Random = field(default_factory=lambda: Random(1))  # noqa: S311 - spreads retries
    _waits: Iterator[float] | None = None
    _over: bool = False

    def take(self, ping: Made, now: float) -> None:
        self._waiting.append(ping)
        self._next(now)

    def stop(self, now: float) -> None:
        self._over = True
        self._next(now)

    def hear(self, now: float, outcome: Outcome) -> None:
        failed = not outcome.taken
        if failed and (outcome.status < 300 or passing(Answer(outcome.status, b""))):
            self._waits = self._waits or Backoff().waits(self.chance)
            self._due_s = now + max(outcome.wait_s, next(self._waits))
            return
        if failed:
            self.dropped += self.batch()
        self._remove(self.batch())
        self._waits, self._due_s = None, NEVER
        self._next(now)

    def _next(self, now: float) -> None:
        if self._due_s == NEVER and (len(self) >= self.most or (self._over and self._waiting)):
            self._due_s = now
