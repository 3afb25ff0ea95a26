"""Overland (iOS). Success is an object with {"result":"ok"} in a 2xx; all else, also no answer, is a failure.

It looks at its queue whenever a fix comes, and sends where the send interval is over since it last sent, or
while it is working off a backlog, which a failure ends; Retry-After is not read. Nothing is dropped. The
newest fix goes along as `current` while more wait than a batch has.
In its mode OwnTracks the queue holds the newest fix only: each new one takes the place of the one before. The
answer [] is no object, so that the fix is sent again until the next one comes; with {"result":"ok"} it would
be taken off, and the app would fail at its empty queue (`locationUpdates[0]`) when tracking pauses.
Source: https://github.com/aaronpk/Overland-iOS (1.3, commit 5f2a5be: GLManager.m, sendQueueNow,
sendQueueIfTimeElapsed and didUpdateLocations).
"""

from __future__ import annotations

from dataclasses import dataclass

from cli.replay.queues import NEVER, Outcome, Queue
from cli.replay.simulator import Made


@dataclass
class OverlandQueue(Queue):
    """interval_s: the setting "Send interval", whose default is 300; most: "Points per batch"."""

    most: int = 50
    interval_s: float = 10
    _sent_s: float = -NEVER
    _flushing: bool = False
    _sending: bool = False

    def take(self, ping: Made, now: float) -> None:
        self._waiting.append(ping)
        if not self._sending and (self._flushing or now > self._sent_s + self.interval_s):
            self._due_s = now

    def stop(self, now: float) -> None:
        if self._waiting and not self._sending:
            self._due_s = now

    def batch(self) -> list[Made]:
        self._sending, self._sent_s = True, self._due_s
        current = self._waiting[-1:] if len(self._waiting) > self.most else []
        return self._waiting[: self.most] + current

    def hear(self, now: float, outcome: Outcome) -> None:
        self._sending, self._due_s = False, NEVER
        if outcome.taken:
            self._sent_s = now
            self._remove(self._waiting[: self.most])
        self._flushing = outcome.taken and len(self._waiting) >= self.most


@dataclass
class OverlandOwnTracks(OverlandQueue):
    """Its mode OwnTracks."""

    most: int = 1

    def take(self, ping: Made, now: float) -> None:
        self.dropped += self._waiting
        self._waiting.clear()
        super().take(ping, now)
