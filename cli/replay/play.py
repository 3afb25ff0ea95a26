"""An app's queue played in a time of its own: fixes come, requests leave when the app would send them."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from cli.replay.queues import Outcome, Queue
from cli.replay.simulator import Made

REQUEST_S = 0.2
"""How long a request takes, in that time."""

Exchange = Callable[[float, Sequence[Made]], Awaitable[Outcome]]
"""One request at a time [s, Unix], with these pings."""


@dataclass
class Played:
    """requests: that left the app; again: those among them with a ping that an earlier one had; longest:
    pings that waited at most; emptied_s: each time when nothing waited any more [s, Unix].
    """

    requests: int = 0
    again: int = 0
    longest: int = 0
    emptied_s: list[float] = field(default_factory=list)
    carried: set[int] = field(default_factory=set)
    """Times of pings [ms, Unix]."""


@dataclass
class Player:
    queue: Queue
    exchange: Exchange
    played: Played = field(default_factory=Played)

    async def ride(self, pings: Sequence[Made], until_s: float) -> float:
        """From the first ping on, and after the last one until nothing is due, at most until `until_s`.

        Returns when that was [s, Unix].
        """
        fixes = deque(pings)
        now = 0.0
        while fixes or self.queue.due() <= until_s:
            if fixes and fixes[0].ready_ms / 1000 <= self.queue.due():
                now = max(now, fixes[0].ready_ms / 1000)
                self._take(fixes, now)
            else:
                now = await self._send(max(now, self.queue.due()), fixes)
        return now

    async def _send(self, now: float, fixes: deque[Made]) -> float:
        pings, played = self.queue.batch(), self.played
        played.requests += 1
        played.again += any(ping.t_ms in played.carried for ping in pings)
        played.carried |= {ping.t_ms for ping in pings}
        outcome = await self.exchange(now, pings)
        now += REQUEST_S
        while fixes and fixes[0].ready_ms / 1000 <= now:
            self._take(fixes, now)
        self.queue.hear(now, outcome)
        if not self.queue:
            played.emptied_s.append(now)
        return now

    def _take(self, fixes: deque[Made], now: float) -> None:
        self.queue.take(fixes.popleft(), now)
        self.played.longest = max(self.played.longest, len(self.queue))
        if not fixes:
            self.queue.stop(now)
