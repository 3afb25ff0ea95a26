"""Ending child processes."""

from __future__ import annotations

import asyncio
from contextlib import suppress

GRACE_S = 3.0


async def stop(child: asyncio.subprocess.Process, grace_s: float = GRACE_S) -> None:
    """Ask a child to end, and end it when it does not."""
    if child.returncode is not None:
        return
    with suppress(ProcessLookupError):
        child.terminate()
        try:
            await asyncio.wait_for(child.wait(), grace_s)
        except TimeoutError:
            child.kill()
            await child.wait()
