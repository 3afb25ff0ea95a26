"""The simulated fleet: couriers' uploads in the order in which they come, the same for the same seed."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from cli.replay.effects import Noise, Outliers
from cli.replay.simulator import Made, Ride, Rider, chance, every
from geo.drawing import compile_route
from geo.route import CompiledRoute
from telemetry.history import BUCKET_S

FLEET, ROUTE = "demo", "harbour-lap@12"
WARM_PINGS = 96  # two buckets: after them the tail is as full as it stays
WARM_BATCH = 48


class Sent(NamedTuple):
    """One upload. at_s: when it is sent [s, Unix]; warm: only to fill the tail, not counted."""

    at_s: float
    courier: str
    pings: Sequence[Made]
    warm: bool


@dataclass(frozen=True, slots=True)
class Fleet:
    """`pings` a courier are counted, `per_upload` at a time."""

    couriers: int
    pings: int
    per_upload: int
    interval_s: float
    seed: int
    warm_pings: int = WARM_PINGS

    @property
    def names(self) -> list[str]:
        return [f"courier-{i:03}" for i in range(self.couriers)]

    def began_s(self, now: float) -> float:
        """A start that lets every ride end before `now` [s, Unix], at the beginning of a bucket."""
        whole = (self.warm_pings + self.pings + self.per_upload + 1) * self.interval_s
        return math.floor((now - whole) / BUCKET_S) * BUCKET_S

    def uploads(self, route: CompiledRoute, began_s: float) -> Iterator[Sent]:
        """Of the whole fleet, in order of time."""
        rides = (self._ride(route, began_s, i) for i in range(self.couriers))
        return heapq.merge(*rides)

    def _ride(self, route: CompiledRoute, began_s: float, i: int) -> Iterator[Sent]:
        # Spread over one upload's time, so that the fleet does not upload in step.
        start = began_s + chance(self.seed, f"start {i}").uniform(0, self.per_upload * self.interval_s)
        ride = Ride(route, Rider(effects=(Noise(), Outliers())), f"{self.seed}/{i}")
        made = ride.pings(start, every(self.interval_s))
        for warm, count, batch in (
            (True, self.warm_pings, WARM_BATCH),
            (False, self.pings, self.per_upload),
        ):
            for _ in range(count // batch):
                pings = list(islice(made, batch))
                yield Sent(pings[-1].t_ms / 1000, self.names[i], pings, warm)


def winding(metres: float = 60_000.0) -> CompiledRoute:
    """A street that winds and never meets itself, long enough for every ride."""
    legs = math.ceil(metres / 55)
    return compile_route([(121.40 + i * 0.000577, 31.23 + 0.0005 * math.sin(i / 3)) for i in range(legs)])
