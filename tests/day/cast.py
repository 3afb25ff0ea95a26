"""What the couriers do, ride by ride, and what tasks pay: dealt from the seed alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from cli.replay.simulator import chance

Part = Literal[
    "plain", "confirms", "disputes", "strays", "stalls", "silent", "low_battery", "late", "pauses",
    "photo", "half", "greedy", "releases", "expires", "cancelled", "reassigned", "abandoned", "returns",
]  # fmt: skip
SHORT: tuple[Part, ...] = (
    "strays", "late", "stalls", "silent", "pauses", "cancelled", "photo", "disputes", "low_battery",
    "confirms", "half", "reassigned", "expires", "greedy", "releases", "plain",
)  # fmt: skip
"""Each takes a ride at most; the first ones take longest."""
LONG: tuple[Part, ...] = (*SHORT, "abandoned", "returns")
LAST: frozenset[Part] = frozenset({"abandoned"})
"""After it a courier rides no more."""
UNRIDDEN: frozenset[Part] = frozenset({"releases", "expires", "greedy", "reassigned"})

RULES: dict[str, dict[str, Any]] = {
    "coverage": {"full_percent": 95, "none_percent": 50},
    "off_route": {"per_km": "1.00", "free_m": 100},
    "late": {"per_minute": "0.20", "grace_minutes": 2},
    "on_time": {"reward": "2.00"},
    "limits": {"least": "3.00", "most": "13.50"},
}


@dataclass(frozen=True, slots=True)
class Size:
    """parts: each is played by somebody; long: times the length of a short route; quiet_s: before the end
    nobody begins a ride any more; abandon_s: silence after which a trip is abandoned.
    """

    hours: float
    couriers: int
    seed: int
    parts: tuple[Part, ...]
    long: int
    quiet_s: float
    abandon_s: int
    grace_s: int

    @classmethod
    def of(cls, hours: float, couriers: int, seed: int) -> Size:
        """A day of under two hours has short routes, and nobody is abandoned."""
        if hours < 2:
            return cls(hours, couriers, seed, SHORT, 1, 900.0, 14_400, 60)
        return cls(hours, couriers, seed, LONG, 3, 2400.0, 3600, 600)


def names(size: Size) -> list[str]:
    return [f"day-{i + 1:03}" for i in range(size.couriers)]


def parts(size: Size) -> dict[str, list[Part]]:
    """By courier, what they play in turn: every part at least once, every courier at least one, and none
    behind a last one.
    """
    rounds = max(1, -(-size.couriers // len(size.parts)))
    pile = [part for _ in range(rounds) for part in size.parts]
    dealt: dict[str, list[Part]] = {name: [] for name in names(size)}
    for i, part in enumerate(pile):
        dealt[names(size)[i % size.couriers]].append(part)
    return {name: sorted(mine, key=lambda part: part in LAST) for name, mine in dealt.items()}


def bonus(seed: str) -> dict[str, Any]:
    """Some of the rules, drawn from the seed; every rule comes up in the long run."""
    draw = chance(seed, "bonus")
    chosen = {name: terms for name, terms in RULES.items() if draw.random() < 0.6}
    return {"amount": f"{draw.randrange(800, 1600) / 100:.2f}", "currency": "CNY", "rules": chosen}
