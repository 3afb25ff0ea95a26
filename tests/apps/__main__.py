"""`python -m tests.apps`: a stack of its own, every app in every trouble, and the table."""

from __future__ import annotations

import asyncio
import sys

from cli import run_state
from cli.replay.queues import NEVER
from cli.site import laptop
from local.child import stack
from tests.apps.run import Result, play

COLUMNS = ("requests", "of them again", "longest queue", "behind", "dropped", "stored", "lost", "double")


def main() -> int:
    with stack(POLL_MS=50) as child:

        async def admin() -> str:
            return await asyncio.to_thread(child.token, "admin")

        site = laptop(run_state.read(int(child.base.rpartition(":")[2])))
        results, _ = asyncio.run(play(child.base, site, admin))
    sys.stdout.write(table(results) + "\n")
    return 1 if any(r.lost or r.double or r.wrong or r.stuck for r in results) else 0


def table(results: list[Result]) -> str:
    """As Markdown; troubles with the same figures share a line."""
    lines = ["| app | while the server | " + " | ".join(COLUMNS) + " |", "|---|---|" + "---:|" * len(COLUMNS)]
    troubles: dict[tuple[str, str], list[str]] = {}
    for r in results:
        behind = "for ever" if r.behind_s == NEVER else f"{r.behind_s:.0f} s"
        figures = (r.played.requests, r.played.again, r.played.longest, behind)
        found = (*figures, r.dropped, r.stored, r.lost, r.double)
        troubles.setdefault((r.app.name, " | ".join(map(str, found))), []).append(r.trouble)
    lines += [f"| {app} | {', '.join(names)} | {found} |" for (app, found), names in troubles.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
