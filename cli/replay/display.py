"""The progress bar while phones send, and the figures at the end."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeElapsedColumn
from rich.text import Text

from cli.replay.figures import Figures, percentile

REFRESH_S = 0.25


@asynccontextmanager
async def progress(figures: Figures, pings: float, console: Console) -> AsyncIterator[None]:
    """A bar that fills with acknowledged pings until there are `pings`, the figures below it."""
    bar = Progress(
        BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=console, auto_refresh=False
    )
    task = bar.add_task("", total=pings)

    with Live(console=console, auto_refresh=False, transient=True) as live:

        async def keep_current() -> None:
            before = figures.acknowledged
            while True:
                rate, before = (figures.acknowledged - before) / REFRESH_S, figures.acknowledged
                bar.update(task, completed=figures.acknowledged)
                live.update(Group(bar, Text(_now(figures, rate))), refresh=console.is_terminal)
                await asyncio.sleep(REFRESH_S)

        keeping = asyncio.create_task(keep_current())
        try:
            yield
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping


def summary(figures: Figures, couriers: int, took_s: float) -> list[str]:
    """Lines of figures; took_s: from the first upload to the last acknowledgement."""
    sent, took = len(figures.took_s), max(took_s, 1e-9)
    half, most = percentile(figures.took_s, 0.5), percentile(figures.took_s, 0.95)
    worst, known = max(figures.took_s, default=math.nan), figures.acknowledged
    lines = [
        f"couriers  {couriers}, {figures.trips} trips, {took_s:.1f} s",
        f"uploads   {figures.uploads} sent, {sent} acknowledged, {sent / took:.1f}/s",
        f"pings     {figures.pings} sent, {known} acknowledged, {known / took:.1f}/s",
        f"ack       p50 {_ms(half)}, p95 {_ms(most)}, max {_ms(worst)}",
        f"retries   {figures.again.total()}",
        f"refused   {figures.refused} for good, {figures.rejected} pings rejected",
    ]
    lines += [f"  {count} x {reason}" for reason, count in (figures.again + figures.reasons).most_common(10)]
    return lines


def _now(figures: Figures, rate: float) -> str:
    if not figures.uploads:
        return f"{figures.enlisted} couriers enlisted\n"
    recent = list(figures.recent_s)
    return (
        f"{figures.uploads} uploads  {figures.pings} pings  {rate:.0f} acknowledged/s\n"
        f"ack p50 {_ms(percentile(recent, 0.5))}, p95 {_ms(percentile(recent, 0.95))}  "
        f"{figures.again.total()} retries  {figures.refused + figures.rejected} refused"
    )


def _ms(seconds: float) -> str:
    return "-" if math.isnan(seconds) else f"{seconds * 1000:.0f} ms"
