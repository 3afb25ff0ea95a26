"""What a fleet's managers are told of trips under way: the kinds of alerts, and the thresholds behind them.

docs/alerts.md has its tables from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

Kind = Literal["off_route", "stalled", "silent", "late", "low_battery", "arrived", "finished"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MEANINGS: Mapping[Kind, tuple[str, str]] = {
    "off_route": ("the courier has left the route", "they are back on it, or have arrived"),
    "stalled": ("no progress along the route for three minutes", "they move on, or have arrived"),
    "silent": ("no ping for `silent_after_s`", "a ping comes, or they have arrived"),
    "late": (
        "they will be at the end more than `late_by_s` after the deadline, or it is that long over",
        "they will be there by the deadline, or have arrived",
    ),
    "low_battery": ("the phone's battery is below `battery_below_percent`", "it is five points above that"),
    "arrived": ("they have reached the route's end, and the trip still runs", "the trip ends"),
    "finished": ("the trip is finished", "it is settled, or an hour has passed"),
}
"""When each is raised, and when closed. All but `finished` are closed when the trip ends, too."""
BATTERY_BACK = 5  # points: a phone's figure goes up and down by one or two
FINISHED_S = 3600.0  # news of a finish is stale after that, settled or not


class Threshold(NamedTuple):
    """default, low, high: in `unit`; the bounds are those that a fleet may set."""

    default: int
    unit: str
    low: int
    high: int
    reason: str


THRESHOLDS: Mapping[str, Threshold] = {
    "silent_after_s": Threshold(
        300, "s", 120, 86_400, "longer than a tunnel or a lift; an upload comes every minute"
    ),
    "late_by_s": Threshold(300, "s", 0, 86_400, "an arrival time moves by minutes at each red light"),
    "battery_below_percent": Threshold(15, "%", 1, 90, "there is still time to plug it in"),
    "abandon_after_s": Threshold(14_400, "s", 1_800, 604_800, "a dead phone has been charged by then"),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """A fleet's. kinds: those that are raised; the rest is one of THRESHOLDS each."""

    kinds: frozenset[Kind] = frozenset(KINDS)
    silent_after_s: int = THRESHOLDS["silent_after_s"].default
    late_by_s: int = THRESHOLDS["late_by_s"].default
    battery_below_percent: int = THRESHOLDS["battery_below_percent"].default
    abandon_after_s: int = THRESHOLDS["abandon_after_s"].default
