"""The queues of tracking apps, as models: what waits, what the next request carries, when it leaves, what its
answer does. Time is passed in, so that ten minutes of an app take as long as its requests do.

A model is of the app's own code where that is public, else of its documents; each file names its source.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from cli.replay.simulator import Made

NEVER = math.inf


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an app sees of a request. status: 0, no answer came; taken: it is what the app holds for success;
    wait_s: what Retry-After asks for [s].
    """

    taken: bool
    status: int = 0
    wait_s: float = 0.0


@dataclass
class Queue:
    """Oldest first, one request at a time, kept until it is taken: what most apps have in common.

    first_s, most_s: how long it waits after a failure [s], twice as long each time; most: pings a request;
    dropped: what the app gave up by itself, without our answer to it.
    """

    first_s: float = NEVER
    most_s: float = NEVER
    most: int = 1
    dropped: list[Made] = field(default_factory=list)
    _waiting: list[Made] = field(default_factory=list)
    _due_s: float = NEVER
    _wait_s: float = 0.0

    def __post_init__(self) -> None:
        self._wait_s = self.first_s

    def __len__(self) -> int:
        return len(self._waiting)

    def waiting(self) -> list[Made]:
        return list(self._waiting)

    def due(self) -> float:
        """When the next request leaves [s, Unix]; NEVER, where first something else must happen."""
        return self._due_s

    def take(self, ping: Made, now: float) -> None:
        """A new fix."""
        self._waiting.append(ping)
        if self._due_s == NEVER:
            self._due_s = now

    def stop(self, now: float) -> None:
        """The ride is over, no fix follows."""

    def batch(self) -> list[Made]:
        """What the request that is due carries."""
        return self._waiting[: self.most]

    def hear(self, now: float, outcome: Outcome) -> None:
        """What became of the batch."""
        if outcome.taken:
            self._took(now)
        else:
            self._failed(now)

    def _took(self, now: float) -> None:
        self._remove(self.batch())
        self._wait_s = self.first_s
        self._due_s = now if self._waiting else NEVER

    def _failed(self, now: float) -> None:
        self._due_s = now + self._wait_s
        self._wait_s = min(2 * self._wait_s, self.most_s)

    def _remove(self, pings: Iterable[Made]) -> None:
        gone = {ping.t_ms for ping in pings}
        self._waiting = [ping for ping in self._waiting if ping.t_ms not in gone]
