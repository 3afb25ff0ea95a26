"""OwnTracks in HTTP mode: one message a request, oldest first. Success is any 2xx, whatever its body.

Android: https://github.com/owntracks/android (2.6.0: MessageProcessor.kt, HttpMessageProcessorEndpoint.kt,
RoomBackedMessageQueue.kt). iOS: https://github.com/owntracks/ios (26.3.1: Connection.m).
"""

from __future__ import annotations

from dataclasses import dataclass

from cli.replay.queues import NEVER, Outcome, Queue
from cli.replay.simulator import Made

CAPACITY = 100_000


@dataclass
class OwnTracksAndroid(Queue):
    """Again after 1 s, 2 s, … 2 minutes, whatever failed; Retry-After is not read. It counts 100,000 retries,
    then begins again at 1 s. The oldest is dropped where 100,000 wait.
    """

    first_s: float = 1
    most_s: float = 120

    def take(self, ping: Made, now: float) -> None:
        if len(self._waiting) >= CAPACITY:
            self.dropped.append(self._waiting.pop(0))
        super().take(ping, now)


@dataclass
class OwnTracksIos(Queue):
    """Again after 1 s, 2 s, … 64 s; the wait never becomes shorter again while the app runs.

    A 4xx, also 401, 408 and 429, drops the message; only then it waits. While nothing waits it looks once a
    second. Of more than 102,400 the newest is dropped.
    """

    first_s: float = 1
    most_s: float = 64
    _free_s: float = 0.0
    """Until then it waits."""

    def take(self, ping: Made, now: float) -> None:
        self._waiting.append(ping)
        if self._due_s == NEVER:
            self._due_s = max(now + 1, self._free_s)

    def hear(self, now: float, outcome: Outcome) -> None:
        if outcome.taken or 400 <= outcome.status < 500:
            self.dropped += [] if outcome.taken else self.batch()
            self._remove(self.batch())
        if not outcome.taken:
            self._free_s = now + self._wait_s
            self._wait_s = min(2 * self._wait_s, self.most_s)
        self._due_s = max(now + 0.1, self._free_s) if self._waiting else NEVER
