"""`python -m tests.day`: a day on a stack of its own; exit status 1 when something is not as it should be."""

from __future__ import annotations

import argparse
import sys
import threading
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tests.day import cast, shown
from tests.day.check import check
from tests.day.run import State, play

SHOWN = 12


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.day", description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0, help="simulated; one is a minute (default 8)")
    parser.add_argument("--couriers", type=int, default=50, help="default 50")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    console, state = Console(width=None if sys.stdout.isatty() else 120), State()
    over = threading.Event()
    showing = threading.Thread(target=_follow, args=(console, state, over), daemon=True)
    showing.start()
    try:
        day = play(cast.Size.of(args.hours, args.couriers, args.seed), state)
    finally:
        over.set()
        showing.join(5)
    verdicts = check(day)
    console.print(shown.day(day), shown.found(verdicts))
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
    console.print(
        f"{day.took_s:.0f} s, {args.hours:g} hours, {args.couriers} couriers: {said}", highlight=False
    )
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
            done, total = state.done_s(), state.total_s
            hours = f"{done / 3600:.1f} of {total / 3600:g} h" if total else ""
            bar.update(task, description=state.doing, total=total or None, completed=done, hours=hours)


if __name__ == "__main__":
    sys.exit(main())
