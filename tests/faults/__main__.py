"""`make chaos PINGS=1000000 SEED=7`: its progress on show; exit status 1 when a promise was broken."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

import uvloop
from rich.console import Console
from rich.live import Live as Display
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.faults.check import Verdict
from tests.faults.injected import KINDS, Injected
from tests.faults.run import Options, State, run
from tests.faults.stage import Limits

LONG = 50_000
"""From so many pings on, every kind of fault must have happened."""
SHOWN = 20


def main() -> int:
    args = _arguments()
    console = Console(stderr=False)
    injected, state = Injected(), State()
    options = sized(args.pings, args.seed, args.port)
    with tempfile.TemporaryDirectory(prefix="milepost-chaos-") as folder:
        began = time.perf_counter()
        verdict = uvloop.run(_shown(options, Path(folder), injected, state, console))
    console.print(_table(injected))
    never = injected.never() if args.pings >= LONG else []
    for kind in never:
        console.print(f"never happened: {kind}")
    for broken in verdict.broken[:SHOWN]:
        console.print(f"({broken.invariant}) {broken.what}", highlight=False, markup=False)
    if not verdict.holds:
        console.print(f"Run it again: make chaos PINGS={args.pings} SEED={args.seed}")
    faults = sum(injected.values())
    console.print(
        f"{time.perf_counter() - began:.0f} s, {faults} faults, {verdict.commits} live writes "
        f"checked, {verdict.compared} couriers' live state compared with a clean run's; "
        f"{verdict.writes / max(verdict.pings, 1):.4f} writes a ping",
        highlight=False,
    )
    console.print(verdict.line(), highlight=False, soft_wrap=True)
    return 0 if verdict.holds and not never else 1


def sized(pings: int, seed: int, port: int = 0) -> Options:
    """A short run has fewer calls, so more of them fail."""
    if pings >= LONG:
        limits = Limits(timeout_s=6, batch=10, retries=3)
        return Options(pings, seed, port, port and port + 1, share=0.03, times=2, at_once=24, limits=limits)
    return Options(pings, seed, port, port and port + 1, share=0.12)


async def _shown(
    options: Options, folder: Path, injected: Injected, state: State, console: Console
) -> Verdict:
    bar = Progress(
        TextColumn("{task.description:<32}"), BarColumn(), MofNCompleteColumn(), TextColumn("pings"),
        TimeElapsedColumn(), TextColumn("{task.fields[faults]} faults"), console=console,
    )  # fmt: skip
    task = bar.add_task("starting", total=None, faults=0)

    async def follow() -> None:
        said = ""
        while True:
            bar.update(
                task, description=state.doing, completed=state.sent(), total=state.total or None,
                faults=sum(injected.values()),
            )  # fmt: skip
            if not console.is_terminal and state.doing != said:
                said = state.doing
                console.print(f"{said}: {state.sent()} pings sent, {sum(injected.values())} faults")
            await asyncio.sleep(0.2)

    with Display(bar, console=console, transient=True):
        following = asyncio.create_task(follow())
        try:
            return (await run(options, folder, injected, state))[0]
        finally:
            following.cancel()


def _table(injected: Injected) -> Table:
    table = Table("fault", "", "times", box=None)
    for kind, meaning in KINDS.items():
        table.add_row(kind, meaning, str(injected[kind]))
    return table


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--pings", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=0, help="and the next one; 0: any that is free")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
