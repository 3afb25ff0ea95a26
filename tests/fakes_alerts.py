"""Alerts in memory, over the fake tasks table, with the table's promises: a list may show an older moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from storage.alerts import Alert, Change, Watch, Watched
from storage.bus import Event
from storage.damage import Damaged
from storage.tasks import Trip
from storage.tasks.rows import watched
from storage.webhooks import Webhook
from telemetry.alerts import Rules
from telemetry.life import OPEN
from tests.fakes_stacks import FakeTasks


class FakeAlerts:
    def __init__(self, tasks: FakeTasks) -> None:
        self.tasks = tasks
        self.alerts: dict[tuple[str, str], Alert] = {}
        self.watches = tasks.watches
        self.fleets: dict[str, Rules | None] = {}
        self.events: list[tuple[str, Alert]] = []
        """What the table's stream would tell of alerts."""
        self.damaged: dict[tuple[str, str], Damaged] = {}
        self.before_write: Callable[[], object] = lambda: None
        self.after_write: Callable[[], object] = lambda: None

    def watched(self, shard: int) -> Watched:
        def here(trip: str) -> bool:
            return watched(trip) == str(shard)

        left = {key: watch for key, watch in self.watches.items() if here(key[1]) and not watch.over}
        ours = {key: trip for key, trip in self.tasks.trips.items() if here(key[1])}
        return Watched(
            {key: trip for key, trip in ours.items() if trip.state in OPEN or key in left},
            left,
            {key: it for key, it in self.damaged.items() if here(key[1])},
        )

    def trips(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Trip]:
        return {key: self.tasks.trips[key] for key in keys if key in self.tasks.trips}

    def change(self, change: Change) -> bool:
        self.before_write()
        key = (change.before.fleet, change.before.trip)
        if self.watches.get(key, Watch(*key)).rev != change.before.rev:
            return False
        self.watches[key] = change.after
        for alert in change.raised:
            assert (alert.fleet, alert.alert) not in self.alerts
            self.alerts[alert.fleet, alert.alert] = alert
            self.events.append(("raised", alert))
        for name in change.closed:
            known = self.alerts[key[0], name]
            assert known.closed_ms is None
            self.alerts[key[0], name] = replace(known, closed_ms=change.at_ms)
            self.events.append(("closed", self.alerts[key[0], name]))
        self.after_write()
        return True

    def page(self, fleet: str, state: str, after: str | None, limit: int) -> list[Alert]:
        mine = [it for it in self.alerts.values() if it.fleet == fleet and it.state == state]
        behind = [it for it in mine if after is None or it.alert < after]
        return sorted(behind, key=lambda it: it.alert, reverse=True)[:limit]

    def acknowledge(self, fleet: str, alert: str, by: str, at_ms: int) -> Alert | None:
        known = self.alerts.get((fleet, alert))
        if known and known.acknowledged_ms is None:
            known = replace(known, acknowledged_ms=at_ms, acknowledged_by=by)
            self.alerts[fleet, alert] = known
        return known

    def rules(self, fleets: Iterable[str]) -> dict[str, Rules | None]:
        return {fleet: self.fleets[fleet] for fleet in fleets if fleet in self.fleets}

    def put_rules(self, fleet: str, rules: Rules) -> None:
        self.fleets[fleet] = rules


class FakeWebhooks:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Webhook] = {}

    def all(self, fleet: str) -> list[Webhook]:
        return [self.rows[key] for key in sorted(self.rows) if key[0] == fleet]

    def get(self, fleet: str, name: str) -> Webhook | None:
        return self.rows.get((fleet, name))

    def add(self, webhook: Webhook) -> bool:
        return self.rows.setdefault((webhook.fleet, webhook.name), webhook) is webhook

    def put(self, webhook: Webhook) -> None:
        self.rows[webhook.fleet, webhook.name] = webhook

    def remove(self, fleet: str, name: str) -> None:
        self.rows.pop((fleet, name), None)

    def take(self, webhook: Webhook, place: int, now_ms: int, until_ms: int) -> Webhook | None:
        known = self.rows.get((webhook.fleet, webhook.name))
        if not known or known.changed_ms != webhook.changed_ms or known.state == "off":
            return None
        if known.busy.get(place, 0) >= now_ms:
            return None
        taken = replace(known, busy={**known.busy, place: until_ms})
        self.put(taken)
        return taken

    def tell(self, webhook: Webhook, place: int) -> None:
        known = self.rows.get((webhook.fleet, webhook.name))
        if not known or known.changed_ms != webhook.changed_ms or known.state == "off":
            return
        busy = {it: until_ms for it, until_ms in known.busy.items() if it != place}
        since_ms = webhook.failing_ms and (known.failing_ms or webhook.failing_ms)
        other = (
            {"failed_ms": known.failed_ms, "failure": known.failure}
            if webhook.well
            else {"succeeded_ms": known.succeeded_ms}
        )
        self.put(replace(webhook, busy=busy, failing_ms=since_ms, **other))


class FakeSecrets:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], str] = {}

    def get(self, fleet: str, name: str) -> str | None:
        return self.rows.get((fleet, name))

    def put(self, fleet: str, name: str, secret: str) -> None:
        self.rows[fleet, name] = secret

    def remove(self, fleet: str, name: str) -> None:
        self.rows.pop((fleet, name), None)


class FakeLetters:
    def __init__(self) -> None:
        self.sent: list[str] = []
        self.delays: list[float] = []
        self.hidden: list[tuple[str, float]] = []

    def send(self, bodies: Sequence[str], delay_s: float = 0.0) -> None:
        self.sent += bodies
        self.delays += [delay_s] * len(bodies)

    def later(self, receipt: str, seconds: float) -> None:
        self.hidden.append((receipt, seconds))


class FakeBus:
    """refuse: events of these ids are not taken."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.refuse: set[str] = set()

    def put(self, events: Sequence[Event]) -> list[int]:
        self.events += [event for event in events if event.id not in self.refuse]
        return [i for i, event in enumerate(events) if event.id in self.refuse]
