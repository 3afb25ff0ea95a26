"""Which alerts a trip should have open: a pure function of the trip, its courier's live item, the fleet's
rules, the time and what is open now.

A rule says yes, no, or None where nothing can be told: then what is open stays open. Off the route and
stalled have their hysteresis in the matcher's state (geo/progress.py); the others have a second threshold
here, or close on what cannot flicker.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from geo.arrival import eta_s
from storage.tasks import Trip
from telemetry.alerts import BATTERY_BACK, FINISHED_S, KINDS, Kind, Rules
from telemetry.life import FINISHED, RIDING
from telemetry.live import SILENT_S, Live


@dataclass(frozen=True, slots=True)
class Seen:
    """now: Unix seconds. live: the courier's, whatever trip it is of. ends_m: metres along the route from
    which the courier has arrived; None where the route is not known. told: kinds that were raised before.
    settled_m: metres along the route in the settled record, where one was read.
    """

    trip: Trip
    live: Live | None
    ends_m: float | None
    now: float
    told: frozenset[Kind] = frozenset()
    settled_m: float | None = None

    @property
    def matched(self) -> Live | None:
        """The live item, once it is of this trip."""
        live = self.live
        heard = live is not None and live.trip == self.trip.trip and math.isfinite(live.match.t)
        return live if heard else None

    @property
    def heard(self) -> float:
        """Of the newest ping, or of the start [s, Unix]."""
        started = (self.trip.started_ms or self.trip.claimed_ms) / 1000
        return max(self.matched.match.t, started) if self.matched else started

    @property
    def arrived(self) -> bool:
        reached_m = max(self.matched.match.reached_m if self.matched else 0.0, self.settled_m or 0.0)
        return self.ends_m is not None and reached_m >= self.ends_m > 0

    @property
    def arrives(self) -> float | None:
        """When the courier will be there [s, Unix]."""
        if self.matched is None or not self.matched.length_m:
            return None
        eta = eta_s(self.matched.match, self.matched.length_m)
        return None if eta is None else self.matched.match.t + eta

    @property
    def battery(self) -> int | None:
        return self.matched.battery if self.matched else None


def judge(seen: Seen, rules: Rules, held: Collection[Kind]) -> frozenset[Kind]:
    """The kinds that should be open. held: those that are."""
    wanted = set()
    for kind in KINDS:
        said = _TELLS[kind](seen, rules, kind in held)
        if kind in rules.kinds and (kind in held if said is None else said):
            wanted.add(kind)
    return frozenset(wanted)


def silent_s(seen: Seen) -> float:
    """A courier who has taken the trip up again has said something, too."""
    return seen.now - max(seen.heard, (seen.trip.resumed_ms or 0) / 1000)


Tell = Callable[[Seen, Rules, bool], bool | None]


def _riding(tell: Tell) -> Tell:
    """Told of couriers who ride and are not there yet."""

    def told(seen: Seen, rules: Rules, held: bool) -> bool | None:
        return seen.trip.state in RIDING and not seen.arrived and tell(seen, rules, held)

    return told


def _off_route(seen: Seen, _rules: Rules, _held: bool) -> bool | None:
    if seen.trip.state == "paused":
        return False
    return None if _old(seen) or seen.matched is None else not seen.matched.match.on_route


def _stalled(seen: Seen, _rules: Rules, _held: bool) -> bool | None:
    if seen.trip.state == "paused":
        return False
    return None if _old(seen) or seen.matched is None else seen.matched.match.stalled


def _silent(seen: Seen, rules: Rules, _held: bool) -> bool | None:
    return seen.trip.state != "paused" and silent_s(seen) > rules.silent_after_s


def _late(seen: Seen, rules: Rules, held: bool) -> bool | None:
    deadline = seen.trip.deadline_ms / 1000
    if seen.now > deadline + rules.late_by_s:
        return True
    if seen.arrives is None or _old(seen):
        return None
    return seen.arrives > deadline + (0 if held else rules.late_by_s)


def _low_battery(seen: Seen, rules: Rules, held: bool) -> bool | None:
    if seen.battery is None:
        return None
    return seen.battery < rules.battery_below_percent + (BATTERY_BACK if held else 0)


def _arrived(seen: Seen, _rules: Rules, _held: bool) -> bool | None:
    """Who arrived and finished between two looks has arrived all the same: it is raised by the one look, and
    closed by the next.
    """
    new = seen.trip.state in RIDING or (seen.trip.state in FINISHED and "arrived" not in seen.told)
    return new and seen.arrived


def _finished(seen: Seen, _rules: Rules, held: bool) -> bool | None:
    if "finished" not in seen.told:
        return seen.trip.state in FINISHED
    return held and seen.trip.state == "finished" and not finish_is_old(seen)


def finish_is_old(seen: Seen) -> bool:
    return seen.now - (seen.trip.ended_ms or 0) / 1000 > FINISHED_S


def to_come(seen: Seen) -> bool:
    """Whether a trip that has ended may still have news, but for what its record will tell: the transition
    that brings it has the trip watched again, however late that is.
    """
    return seen.trip.state == "finished" and not finish_is_old(seen)


def _old(seen: Seen) -> bool:
    """What was known of the courier may have changed since."""
    return seen.now - seen.heard > SILENT_S


_TELLS: Mapping[Kind, Tell] = {
    "off_route": _riding(_off_route),
    "stalled": _riding(_stalled),
    "silent": _riding(_silent),
    "late": _riding(_late),
    "low_battery": _riding(_low_battery),
    "arrived": _arrived,
    "finished": _finished,
}
