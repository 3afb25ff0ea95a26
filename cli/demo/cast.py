"""Who rides in the demo, on which route first, and what is special about whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, takewhile

from cli.replay.effects import Noise, Outliers
from cli.replay.motion import Detour, Speed
from cli.replay.simulator import Made, Ride, Rider, chance, every
from geo.route import CompiledRoute

NAMES = (
    "Wang Wei", "Li Na", "Zhang Min", "Liu Yang", "Chen Jie", "Yang Fan", "Zhao Lei", "Huang Yan",
    "Zhou Tao", "Wu Xia", "Xu Peng", "Sun Li", "Ma Chao", "Zhu Ting", "Hu Bin", "Guo Jing",
    "He Ping", "Lin Hao", "Gao Xin", "Luo Dan",
)  # fmt: skip
STRAYS, SILENT = 8, 13  # by place in NAMES

BACKLOG_S = (200.0, 480.0)  # how long they have been riding when the demo begins
BACKLOG_INTERVAL_S = 10.0
LIVE_INTERVAL_S = 4.0
SILENT_FOR_S = 130.0
STRAYED_FOR_S = 100.0  # when the demo begins
STAY_S = 150.0
EFFECTS = (Noise(sigma_m=4.0), Outliers(share=0.002))


@dataclass(frozen=True, slots=True)
class Role:
    """One of the cast. number: its place in NAMES; seed: of the whole demo."""

    number: int
    seed: int

    @property
    def name(self) -> str:
        return NAMES[self.number]

    @property
    def user(self) -> str:
        return self.name.lower().replace(" ", ".")

    @property
    def strays(self) -> bool:
        return self.number == STRAYS

    @property
    def silent(self) -> bool:
        return self.number == SILENT

    def backlog_s(self) -> float:
        return chance(self.seed, f"backlog {self.number}").uniform(*BACKLOG_S)

    def first_ride(self, route: CompiledRoute, start_s: float, backlog_s: float) -> Iterator[Made]:
        """From `start_s` on [s, Unix], `backlog_s` ago; the silent one's ends before now."""
        before = takewhile(lambda t: t < backlog_s, every(BACKLOG_INTERVAL_S))
        if self.silent:
            told = takewhile(lambda t: t < backlog_s - SILENT_FOR_S, before)
            return self._ride(route, 0, ()).pings(start_s, told)
        detours: tuple[Detour, ...] = ()
        if self.strays:
            left = self._ride(route, 0, ()).motion().at(max(backlog_s - STRAYED_FOR_S, 0.0))
            detours = (Detour(left.along_m, stay_s=STAY_S),)
        times = chain(before, every(LIVE_INTERVAL_S, backlog_s))
        return self._ride(route, 0, detours).pings(start_s, times)

    def next_ride(self, route: CompiledRoute, start_s: float, turn: int) -> Iterator[Made]:
        """turn: 1 for the second trip, and so on."""
        detours = (Detour(0.4 * route.length_m, stay_s=STAY_S),) if self.strays else ()
        return self._ride(route, turn, detours).pings(start_s, every(LIVE_INTERVAL_S))

    def _ride(self, route: CompiledRoute, turn: int, detours: tuple[Detour, ...]) -> Ride:
        cruise = chance(self.seed, f"speed {self.number}").uniform(4.5, 7.0)
        speed = Speed(cruise_mps=cruise, wait_s=(5.0, 40.0))
        return Ride(route, Rider(speed, detours, EFFECTS), f"{self.seed}/{self.number}/{turn}")


def cast(seed: int) -> list[Role]:
    return [Role(number, seed) for number in range(len(NAMES))]
