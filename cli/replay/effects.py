"""What a phone makes of the truth: noise, outliers, no fix, no network, silence.

An effect is a frozen description, shared by as many couriers as like it; `begin` gives one courier's
own, which changes one draft after the other, in time order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Protocol


@dataclass(slots=True)
class Draft:
    """A ping in the making. x, y: where the phone believes to be [m, route plane]; `ready_s`: when it
    could be sent, on the same clock as `t_s`.
    """

    t_s: float
    x: float
    y: float
    speed_mps: float
    heading_deg: float
    accuracy_m: float
    ready_s: float
    outlier: bool = False
    lost: bool = False
    """Never made: nobody knows of it."""


Apply = Callable[[Draft], None]


class Effect(Protocol):
    def begin(self, chance: Random) -> Apply: ...


@dataclass(frozen=True, slots=True)
class Noise:
    """Correlated error (Gauss-Markov) of `sigma_m` on each axis, fading within `memory_s`, and a stated
    accuracy that knows it within `honesty`, as a share.
    """

    sigma_m: float = 5.0
    memory_s: float = 30.0
    honesty: float = 0.4

    def begin(self, chance: Random) -> Apply:
        east, north = chance.gauss(0, self.sigma_m), chance.gauss(0, self.sigma_m)
        before = -math.inf

        def apply(draft: Draft) -> None:
            nonlocal east, north, before
            kept = math.exp((before - draft.t_s) / self.memory_s)
            fresh = self.sigma_m * math.sqrt(1 - kept * kept)
            east, north = kept * east + chance.gauss(0, fresh), kept * north + chance.gauss(0, fresh)
            before = draft.t_s
            draft.x += east
            draft.y += north
            draft.accuracy_m = self.sigma_m * (1 + self.honesty * chance.uniform(-1, 1))

        return apply


@dataclass(frozen=True, slots=True)
class Outliers:
    """With chance `share` a ping lies far off in any direction, and states no worse accuracy."""

    share: float = 0.01
    nearest_m: float = 100.0
    farthest_m: float = 500.0

    def begin(self, chance: Random) -> Apply:
        def apply(draft: Draft) -> None:
            if chance.random() >= self.share:
                return
            angle, far_m = chance.uniform(0, math.tau), chance.uniform(self.nearest_m, self.farthest_m)
            draft.x += far_m * math.cos(angle)
            draft.y += far_m * math.sin(angle)
            draft.outlier = True

        return apply


@dataclass(frozen=True, slots=True)
class Gaps:
    """Stretches of time, on average `apart_s` from the end of one to the next."""

    apart_s: float
    shortest_s: float
    longest_s: float

    def draw(self, chance: Random) -> Iterator[tuple[float, float]]:
        """(start, end) for ever, in order [s]."""
        end = 0.0
        while True:
            start = end + chance.expovariate(1 / self.apart_s)
            end = start + chance.uniform(self.shortest_s, self.longest_s)
            yield start, end


@dataclass(frozen=True, slots=True)
class Offline:
    """No network: pings are made, and can be sent when the gap is over."""

    gaps: Gaps

    def begin(self, chance: Random) -> Apply:
        within = _within(self.gaps, chance)

        def apply(draft: Draft) -> None:
            if (end := within(draft.t_s)) is not None:
                draft.ready_s = max(draft.ready_s, end)

        return apply


@dataclass(frozen=True, slots=True)
class NoFix:
    """No satellites, as in a tunnel: pings are not made."""

    gaps: Gaps

    def begin(self, chance: Random) -> Apply:
        within = _within(self.gaps, chance)

        def apply(draft: Draft) -> None:
            draft.lost |= within(draft.t_s) is not None

        return apply


@dataclass(frozen=True, slots=True)
class Silent:
    """Nothing any more, `after_s` from the start: an empty battery."""

    after_s: float

    def begin(self, chance: Random) -> Apply:  # noqa: ARG002 (silence leaves nothing to chance)
        def apply(draft: Draft) -> None:
            draft.lost |= draft.t_s > self.after_s

        return apply


def _within(gaps: Gaps, chance: Random) -> Callable[[float], float | None]:
    """Asked in time order: the end of the gap that holds a time, None outside all."""
    drawn = gaps.draw(chance)
    start, end = next(drawn)

    def within(t: float) -> float | None:
        nonlocal start, end
        while end <= t:
            start, end = next(drawn)
        return end if start <= t else None

    return within
