"""What a day looked like, and what its checks found, as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from rich.table import Table

from telemetry.alerts import KINDS
from tests.day.check import Verdict
from tests.day.run import Day


def day(day: Day) -> Table:
    table = Table("the day", "", box=None)
    seen, count = day.seen, day.world.count
    alerts = Counter(alert["kind"] for alert in seen.alerts.values())
    recurring = sum(task["title"] == "Every quarter" for task in seen.tasks.values())
    streamed, sessions = day.viewer, day.viewer.sessions
    again = streamed.times.total() - len(streamed.times)
    sums = Counter[str]()
    for it in (it for payout in seen.payouts for it in payout["sums"]):
        sums[it["currency"]] += Decimal(it["amount"])
    rows = {
        "tasks": f"{len(seen.tasks)}, {recurring} of them of a schedule",
        "trips": _counted(Counter(trip["state"] for trip in seen.trips.values())),
        "audit lines": str(sum(map(len, seen.audits.values()))),
        "pings": f"{day.figures.acknowledged} in {day.figures.uploads} uploads",
        "alerts": _counted({kind: alerts[kind] for kind in KINDS}),
        "live stream": f"{len(streamed.events)} events ({again} came again), {streamed.rows} rows on "
        f"{sessions} connections",
        "webhook": f"{len(day.receiver.taken())} events in {len(day.receiver.deliveries)} deliveries",
        "paid": f"{_counted(sums)} in {len(seen.payouts)} payouts",
        "parts": _counted({name[6:]: times for name, times in count.items() if name.startswith("part: ")}),
    }
    rows |= {name: str(times) for name, times in sorted(count.items()) if not name.startswith("part: ")}
    for name, said in rows.items():
        table.add_row(name, said)
    return table


def found(verdicts: Iterable[Verdict]) -> Table:
    table = Table("check", "", box=None)
    for verdict in verdicts:
        table.add_row(verdict.check, f"{len(verdict.broken)} broken" if verdict.broken else "holds")
    return table


def _counted(counts: dict[str, int] | dict[str, Decimal]) -> str:
    return ", ".join(f"{times} {name}" for name, times in counts.items())
