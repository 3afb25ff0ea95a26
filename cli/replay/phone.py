"""A phone: buffers pings and uploads them one upload at a time, in order, until each is acknowledged."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

from cli.replay.credential import Credential
from cli.replay.figures import Figures
from cli.replay.formats import Again, Format
from cli.replay.ledger import Ledger, Upload
from cli.replay.retry import Backoff, Sleep, asked_wait, passing
from cli.replay.simulator import Made
from cli.replay.transport import Answer, Send, Unreachable, detail
from telemetry.clock import Clock, now_s

Turn = Callable[[], Awaitable[None]]
"""Waits until the next upload may leave."""


@dataclass(frozen=True, slots=True)
class World:
    """What is the same for all phones of a run. `ticks` measures how long things take [s]."""

    base: str
    send: Send
    format: Format
    ledger: Ledger
    figures: Figures
    sleep: Sleep
    turn: Turn
    clock: Clock = now_s
    ticks: Callable[[], float] = time.perf_counter
    backoff: Backoff = field(default_factory=Backoff)


class Phone:
    """`device` names it in what it sends; `chance` spreads its retries."""

    def __init__(
        self, world: World, courier: str, device: str, credential: Credential, chance: Random
    ) -> None:
        self._world, self._credential, self._chance = world, credential, chance
        self.courier, self.device = courier, device
        self._buffer: deque[Made] = deque()

    def __len__(self) -> int:
        """Pings that wait."""
        return len(self._buffer)

    def take(self, ping: Made) -> None:
        ping = ping._replace(t_ms=ping.t_ms - ping.t_ms % self._world.format.tick_ms)
        self._world.ledger.made(self.courier, self.device, ping)
        self._buffer.append(ping)

    async def upload(self, most: int) -> None:
        """Send everything that waits, the oldest first, at most `most` pings at a time.

        A network error, 5xx, 408 or 429 is tried again for ever; what is refused otherwise is given up,
        counted, and does not hold up what follows.
        """
        while self._buffer:
            pings = [self._buffer[i] for i in range(min(most, len(self._buffer)))]
            await self._deliver(pings)
            for _ in pings:
                self._buffer.popleft()

    async def _deliver(self, pings: list[Made]) -> None:
        world = self._world
        await world.turn()
        upload = world.ledger.sent(self.courier, self.device, pings)
        world.figures.sent(len(pings))
        began = world.ticks()
        waits = world.backoff.waits(self._chance)
        while upload.acknowledged_at is None and upload.refused is None:
            answer = Answer(0, b"")
            try:
                answer = await self._try(upload, pings)
                self._conclude(upload, answer, world.ticks() - began)
            except (Unreachable, Again) as reason:
                world.figures.again[str(reason)] += 1
                await world.sleep(max(asked_wait(answer, world.backoff.most_s), next(waits)))

    async def _try(self, upload: Upload, pings: list[Made]) -> Answer:
        """One try, and a second one with a new token when the old one has expired. Raises Unreachable."""
        world = self._world
        answer = Answer(0, b"")
        for _ in range(2):
            token = await self._credential.token()
            upload.tries += 1
            answer = await world.send(world.format.encode(world.base, self.device, token, pings))
            if answer.status != 401:
                break
            self._credential.forget(token)
        return answer

    def _conclude(self, upload: Upload, answer: Answer, took_s: float) -> None:
        """Raises Again."""
        if passing(answer):
            raise Again(f"the answer {answer.status}")
        world = self._world
        if answer.status >= 300:
            upload.refused = f"{answer.status} {detail(answer)}"
            world.figures.failed(upload.refused)
            return
        rejected = world.format.rejected(answer)
        upload.acknowledged_at = world.clock()
        upload.rejected = tuple(upload.pings[i] for i in rejected)
        world.figures.done(len(upload.pings), len(rejected), took_s)
