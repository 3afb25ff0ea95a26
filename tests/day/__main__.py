"""`python -m tests.day`: a day on a stack of its own; exit status 1 when something is not as it should be."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections import Counter

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from telemetry.alerts import KINDS
from tests.day import cast
from tests.day.check import Verdict, check
from tests.day.run import Day, State, play

SHOWN = 12


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.day", description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0, help="simulated; one is a minute (default 8)")
    parser.add_argument("--couriers", type=int, default=50, help="default 50")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    console, state = Console(width=None if sys.stdout.isatty() else 120), State()
    over = threading.Event()
    shown = threading.Thread(target=_follow, args=(console, state, over), daemon=True)
    shown.start()
    try:
        day = play(cast.Size.of(args.hours, args.couriers, args.seed), state)
    finally:
        over.set()
        shown.join(5)
    verdicts = check(day)
    console.print(_table(day), _found(verdicts))
    broken = [verdict for verdict in verdicts if verdict.broken]
    for verdict in broken:
        for what in verdict.broken[:SHOWN]:
            console.print(f"- {what}", highlight=False, markup=False, soft_wrap=True)
        if (more := len(verdict.broken) - SHOWN) > 0:
            console.print(f"- and {more} more")
    if broken:
        order = f"--hours {args.hours:g} --couriers {args.couriers} --seed {args.seed}"
        console.print(f"Run it again: python -m tests.day {order}", highlight=False)
    said = f"{len(broken)} checks found something" if broken else f"all {len(verdicts)} checks hold"
    console.print(f"{day.took_s:.0f} s, {args.hours:g} hours, {args.couriers} couriers: {said}", highlight=False)
    return 1 if broken else 0


def _follow(console: Console, state: State, over: threading.Event) -> None:
    """A bar on a terminal; elsewhere a line for each stage."""
    if not console.is_terminal:
        said = ""
        while not over.wait(0.2):
            if state.doing != said:
                said = state.doing
                console.print(f"{time.strftime('%H:%M:%S')} {said}", highlight=False)
        return
    bar = Progress(
        TextColumn("{task.description:<22}"), BarColumn(), TextColumn("{task.fields[hours]}"),
        TimeElapsedColumn(), console=console, transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task("", total=None, hours="")
        while not over.wait(0.2):
            hours = f"{state.done_s() / 3600:.1f} of {state.total_s / 3600:g} h" if state.total_s else ""
            bar.update(
                task, description=state.doing, total=state.total_s or None, completed=state.done_s(), hours=hours
            )  # fmt: skip


def _table(day: Day) -> Table:
    table, seen = Table("the day", "", box=None, title_justify="left"), day.seen
    kinds = Counter(alert["kind"] for alert in seen.alerts.values())
    states = Counter(trip["state"] for trip in seen.trips.values())
    sums = Counter[str]()
    for payout in seen.payouts:
        for it in payout["sums"]:
            sums[it["currency"]] += round(float(it["amount"]) * 100)
    rows = {
        "tasks": f"{len(seen.tasks)}, {sum(t['title'] == 'Every quarter' for t in seen.tasks.values())} of a schedule",
        "trips": ", ".join(f"{count} {state}" for state, count in states.most_common()),
        "audit lines": str(sum(map(len, seen.audits.values()))),
        "pings": f"{day.figures.acknowledged} in {day.figures.uploads} uploads",
        "alerts": ", ".join(f"{kinds[kind]} {kind}" for kind in KINDS),
        "live stream": f"{len(day.viewer.events)} events, {day.viewer.rows} changes of couriers, {day.viewer.sessions} connections",
        "webhook": f"{len(day.receiver.taken())} events in {len(day.receiver.deliveries)} deliveries",
        "paid": ", ".join(f"{cents / 100:.2f} {money}" for money, cents in sums.items())
        + f" in {len(seen.payouts)} payouts",
    }  # fmt: skip
    rows |= {name: str(count) for name, count in sorted(day.world.count.items()) if not name.startswith("part")}
    for name, said in rows.items():
        table.add_row(name, said)
    return table


def _found(verdicts: list[Verdict]) -> Table:
    table = Table("check", "", box=None)
    for verdict in verdicts:
        table.add_row(verdict.check, f"{len(verdict.broken)} broken" if verdict.broken else "holds")
    return table


if __name__ == "__main__":
    sys.exit(main())
