"""GPSLogger (Android), "Log to custom URL". Success is any 2xx.

Each fix is a job of its own: after 1 s, and where that fails again after 30 s, 60 s and 120 s, whatever
failed; then it is dropped. Jobs run side by side, so that a new fix overtakes those that wait. Retry-After is
not read. All fixes are in its CSV file, which `resend` sends from the top, one a request, up to the first
failure; the whole again after 30 s, 60 s and 120 s.
Source: https://github.com/mendhak/gpslogger (version 136: CustomUrlWorker.java, CustomUrlManager.java,
Systems.java).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cli.replay.queues import NEVER, Outcome, Queue
from cli.replay.simulator import Made

RETRIES = 3
_DELAY_S = 1.0
_BACKOFF_S = 30.0


@dataclass
class _Job:
    """pings: what it still has to send; file: all that it is of."""

    due_s: float
    file: list[Made]
    pings: list[Made]
    failures: int = 0


@dataclass
class GpsLoggerQueue(Queue):
    written: list[Made] = field(default_factory=list)
    """The CSV file."""
    _jobs: list[_Job] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.waiting())

    def waiting(self) -> list[Made]:
        return [ping for job in self._jobs for ping in job.pings]

    def due(self) -> float:
        return min((job.due_s for job in self._jobs), default=NEVER)

    def take(self, ping: Made, now: float) -> None:
        self.written.append(ping)
        self._jobs.append(_Job(now + _DELAY_S, [ping], [ping]))

    def resend(self, now: float) -> None:
        """The user sends the file."""
        self._jobs.append(_Job(now + _DELAY_S, self.written, list(self.written)))

    def batch(self) -> list[Made]:
        self._jobs.sort(key=lambda job: job.due_s)
        return self._jobs[0].pings[:1]

    def hear(self, now: float, outcome: Outcome) -> None:
        job = self._jobs[0]
        if outcome.taken:
            del job.pings[0]
            job.due_s = now
        elif job.failures < RETRIES:
            job.due_s = now + _BACKOFF_S * 2**job.failures
            job.failures += 1
            job.pings = list(job.file)
        else:
            self.dropped += job.pings
            job.pings = []
        if not job.pings:
            self._jobs.remove(job)
