"""What the tasks table can do for alerts. Reads by key are consistent; lists may lag a moment behind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from storage.alerts.model import Alert, AlertState, Watch, Watched
from storage.tasks import Trip
from telemetry.alerts import Rules


class Change(NamedTuple):
    """before: as read; its rev decides. closed: ids."""

    before: Watch
    after: Watch
    raised: tuple[Alert, ...]
    closed: tuple[str, ...]
    at_ms: int


class AlertStore(Protocol):
    def watched(self, shard: int) -> Watched:
        """All watches of the shard that are not over, of every fleet, and all trips that are open or have
        one.
        """

    def trips(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Trip]:
        """Trips by (fleet, trip), whatever their state."""

    def change(self, change: Change) -> bool:
        """All of it, or nothing and False when the watch is not as it was read: somebody was quicker."""

    def page(self, fleet: str, state: AlertState, after: str | None, limit: int) -> list[Alert]:
        """The newest first, beginning behind the alert `after`."""

    def acknowledge(self, fleet: str, alert: str, by: str, at_ms: int) -> Alert | None:
        """The alert, acknowledged now or before; None when there is none."""

    def rules(self, fleets: Iterable[str]) -> dict[str, Rules | None]:
        """Of the fleets that have any; None where they cannot be read."""

    def put_rules(self, fleet: str, rules: Rules) -> None: ...
