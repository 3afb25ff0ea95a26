"""The one simulator of couriers: pure and seeded, so that the same seed makes the same pings everywhere.

Time is passed in. Every ping carries its truth; the ledger keeps it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from cli.replay.effects import Apply, Draft, Effect, Gaps, NoFix, Noise, Offline, Outliers
from cli.replay.motion import Detour, Motion, Speed
from geo.route import CompiledRoute


class Made(NamedTuple):
    """A ping as a phone made it, and its truth. nan: not known.

    t_ms: the phone's time [ms, Unix]; lat, lon [degrees, WGS-84]; accuracy [m]; speed [m/s]; heading
    [degrees from north]; ready_ms: when the phone could send it; along_m: true metres along the route;
    away_m: true metres off it.
    """

    t_ms: int
    lat: float
    lon: float
    accuracy_m: float = math.nan
    speed_mps: float = math.nan
    heading_deg: float = math.nan
    ready_ms: int = 0
    along_m: float = math.nan
    away_m: float = 0.0
    outlier: bool = False

    @property
    def on_route(self) -> bool:
        return self.away_m == 0


ORDINARY: tuple[Effect, ...] = (
    Noise(),
    Outliers(),
    NoFix(Gaps(apart_s=3600, shortest_s=20, longest_s=90)),
    Offline(Gaps(apart_s=1200, shortest_s=60, longest_s=300)),
)


@dataclass(frozen=True, slots=True)
class Rider:
    """How one courier rides and what its phone is like."""

    speed: Speed = field(default_factory=Speed)
    detours: tuple[Detour, ...] = ()
    effects: tuple[Effect, ...] = ORDINARY


class Ride:
    """One courier's run along a route, from its start to its end. The same seed, the same ride."""

    def __init__(self, route: CompiledRoute, rider: Rider, seed: int | str) -> None:
        self.route, self.rider, self.seed = route, rider, seed

    def motion(self) -> Motion:
        """The truth alone, as a function of the seconds since the start."""
        return Motion(self.route.length_m, self.rider.speed, self.rider.detours, chance(self.seed, "motion"))

    def pings(self, start_s: float, times: Iterable[float]) -> Iterator[Made]:
        """The pings made at `times` [s since the start, ascending] of a ride that starts at `start_s` [s,
        Unix]; the first one at or after the arrival is the last.
        """
        motion, plane = self.motion(), self.route.plane
        east_m, north_m = plane.metres_per_degree
        effects = self._effects()
        for t in times:
            along, speed, away, away_speed = motion.at(t)
            x, y = self.route.xy_at(along)
            heading = self.route.heading_at(along)
            if away:
                out = math.radians(heading - 90)
                x, y = x + away * math.sin(out), y + away * math.cos(out)
                heading = (heading - 90 if away_speed >= 0 else heading + 90) % 360
                speed = abs(away_speed)
            draft = Draft(t, x, y, speed, heading, math.nan, t)
            for apply in effects:
                apply(draft)
            if not draft.lost:
                yield Made(
                    round((start_s + t) * 1000),
                    round(plane.lat0 + draft.y / north_m, 7),
                    round(plane.lon0 + draft.x / east_m, 7),
                    round(draft.accuracy_m, 1),
                    round(draft.speed_mps, 1),
                    round(draft.heading_deg, 1) % 360,
                    round((start_s + draft.ready_s) * 1000),
                    round(along, 2),
                    round(away, 2),
                    draft.outlier,
                )
            if t >= motion.arrival_s:
                return

    def _effects(self) -> list[Apply]:
        """Each with chances of its own, named by what it is: one more changes nothing in the others."""
        names = [type(effect).__name__ for effect in self.rider.effects]
        return [
            effect.begin(chance(self.seed, f"{name} {names[:i].count(name)}"))
            for i, (name, effect) in enumerate(zip(names, self.rider.effects, strict=True))
        ]


def every(interval_s: float, first_s: float = 0.0) -> Iterator[float]:
    """first, first + interval, … for ever; no drift."""
    return (first_s + i * interval_s for i in itertools.count())


def chance(seed: int | str, purpose: str) -> Random:
    """A stream of its own for each purpose."""
    return Random(f"{seed}/{purpose}")  # noqa: S311 - a simulation, not a secret
