"""Alerts, and what the sweep remembers of a trip. Times [ms, Unix]; None: not (yet)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

from storage.damage import Damaged
from storage.tasks import Trip
from telemetry.alerts import Kind

AlertState = Literal["open", "closed"]
ALERT_STATES: tuple[AlertState, ...] = get_args(AlertState)


@dataclass(frozen=True, slots=True)
class Alert:
    """One episode of one kind on one trip. facts: what was known when it was raised, numbers by name."""

    fleet: str
    alert: str
    kind: Kind
    trip: str
    task: str
    courier: str
    title: str
    route: str
    raised_ms: int
    facts: Mapping[str, int | float] = field(default_factory=dict)
    closed_ms: int | None = None
    acknowledged_ms: int | None = None
    acknowledged_by: str | None = None

    @property
    def state(self) -> AlertState:
        return "open" if self.closed_ms is None else "closed"


@dataclass(frozen=True, slots=True)
class Watch:
    """A trip that is watched. open: its open alerts' ids by kind; over: there is nothing more to watch;
    told: the kinds that were raised at least once.
    """

    fleet: str
    trip: str
    open: Mapping[Kind, str] = field(default_factory=dict)
    over: bool = False
    rev: int = 0
    """0: it has not been written yet."""
    told: frozenset[Kind] = frozenset()


class Watched(NamedTuple):
    """One shard of what is watched, as it was a moment ago, by (fleet, trip). damaged: of whom a row cannot
    be read; the other may be there.
    """

    trips: dict[tuple[str, str], Trip]
    watches: dict[tuple[str, str], Watch]
    damaged: dict[tuple[str, str], Damaged]
