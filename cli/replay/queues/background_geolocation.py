"""transistorsoft background-geolocation with autoSync and batchSync. Success is 200, 201 or 204.

Any other answer, and none, halts it and unlocks the records; it tries again when a fix is recorded, and at
once when the ride stops (motionchange), not after a time. On Android "will try again after 10 records" comes
after a failure while moving. 401 asks for a new token where `authorization` is set; else, and for 429, it is
as any failure; Retry-After is not read. `locationsOrderDirection` DESC sends the newest first. A record is
dropped after maxDaysToPersist, which is 1 unless set.
Source: https://github.com/transistorsoft/react-native-background-geolocation (5.2.0: HttpEvent.d.ts, "HTTP
Guide"; Config.d.ts; for the throttle its issues 941 and 2028); the library itself is not public.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cli.replay.queues import NEVER, Outcome, Queue
from cli.replay.simulator import Made

_DAY_S = 86_400.0


@dataclass
class BackgroundGeolocationQueue(Queue):
    """throttle: records after a failure before the next try; kept_s: maxDaysToPersist [s]."""

    most: int = 250
    throttle: int = 10
    newest_first: bool = False
    kept_s: float = _DAY_S
    _wanted: int = 0
    _halted: bool = True
    _locked: list[Made] = field(default_factory=list)

    def take(self, ping: Made, now: float) -> None:
        old = [p for p in self._waiting if p.t_ms / 1000 < now - self.kept_s]
        self.dropped += old
        self._remove(old)
        self._waiting.append(ping)
        if self._halted and len(self._waiting) >= self._wanted:
            self._start(now)

    def stop(self, now: float) -> None:
        if self._waiting:
            self._start(now)

    def batch(self) -> list[Made]:
        ordered = self._waiting[::-1] if self.newest_first else self._waiting
        self._locked = ordered[: self.most]
        return self._locked

    def hear(self, now: float, outcome: Outcome) -> None:
        if outcome.taken:
            self._remove(self._locked)
            self._wanted = 0
        else:
            self._wanted = len(self._waiting) + self.throttle
        self._halted = not (outcome.taken and self._waiting)
        self._due_s = NEVER
        if not self._halted:
            self._start(now)

    def _start(self, now: float) -> None:
        self._halted, self._due_s = False, now
