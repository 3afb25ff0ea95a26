"""How fast a phone and a fleet may send: token buckets in this instance's memory.

Approximate, and only ever too generous: every instance of the function counts alone. An exact count would be
a write for each upload, which costs as much as keeping it. docs/decisions/0024 has the figures.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from geo.said import say
from telemetry.clock import Clock
from telemetry.problem import TooMany

MOST = 10_000  # buckets of each kind; beyond, who was not heard of longest starts with a full one
TOLD_S = 60.0  # what is over a limit and let through is told this often, not line by line


class Log(Protocol):
    def warning(self, msg: str, /, *, extra: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Rate:
    """per_s: uploads a second in the long run; burst: how many at once after a rest."""

    per_s: float
    burst: float


@dataclass
class Buckets:
    """One for each of many senders, full at first."""

    rate: Rate
    clock: Clock
    most: int = MOST
    _kept: OrderedDict[Hashable, tuple[float, float]] = field(default_factory=OrderedDict)
    """Tokens, and when they were counted; who was asked for last stands last."""

    def __len__(self) -> int:
        return len(self._kept)

    def wait_s(self, who: Hashable) -> float:
        """How long until there is a token for them; 0: now."""
        return max(1.0 - self._tokens(who, self.clock()), 0.0) / self.rate.per_s

    def take(self, who: Hashable) -> None:
        now = self.clock()
        self._kept[who] = self._tokens(who, now) - 1.0, now
        self._kept.move_to_end(who)
        if len(self._kept) > self.most:
            self._kept.popitem(last=False)

    def _tokens(self, who: Hashable, now: float) -> float:
        tokens, then = self._kept.get(who, (self.rate.burst, now))
        if now < then:  # the clock was set back: nobody is to wait for it to come there again
            return self.rate.burst
        return min(tokens + (now - then) * self.rate.per_s, self.rate.burst)


@dataclass
class Limits:
    devices: Buckets
    fleets: Buckets
    clock: Clock
    log: Log
    _over: int = 0
    _told: float = 0.0

    def ask(self, fleet: str, device: str, *, waits: bool = True) -> None:
        """Count an upload. device: as the credential names it; the sender could name another each time.

        Raises TooMany, and counts nothing, where it came too fast; with waits=False it is let through all
        the same, and the log told how many were.
        """
        wait = self.devices.wait_s((fleet, device))
        over = wait > 0
        # One phone that is over its limit takes nothing from its fleet.
        wait = wait or self.fleets.wait_s(fleet)
        if not wait:
            self.devices.take((fleet, device))
            self.fleets.take(fleet)
        elif waits:
            rate = self.devices.rate if over else self.fleets.rate
            raise TooMany(_phone_too_fast(rate) if over else _fleet_too_fast(rate), wait)
        else:
            self._tell(fleet, device)

    def _tell(self, fleet: str, device: str) -> None:
        self._over += 1
        now = self.clock()
        if not 0 <= now - self._told < TOLD_S:
            told = {"uploads": self._over, "fleet": fleet, "newest": device}
            self.log.warning("uploads over a limit let through", extra=told)
            self._over, self._told = 0, now


def _phone_too_fast(rate: Rate) -> str:
    return say(
        "phone-too-fast",
        "This phone sends more than {per_s:g} uploads a second, after a burst of {burst:g}. Send the same "
        "upload again after the seconds in Retry-After, and more pings in each.",
        per_s=rate.per_s,
        burst=rate.burst,
    )


def _fleet_too_fast(rate: Rate) -> str:
    return say(
        "fleet-too-fast",
        "This fleet sends more than {per_s:g} uploads a second, after a burst of {burst:g}. Send the same "
        "upload again after the seconds in Retry-After, and more pings in each.",
        per_s=rate.per_s,
        burst=rate.burst,
    )
