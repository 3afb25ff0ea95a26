"""Starts and ends the emulator as a child of the runtime."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from local.children import stop
from local.logs import Log
from local.settings import HOST
from local.tasks import Tasks
from local.trouble import Trouble
from local.worker.environment import told
from telemetry.clock import Course

START_S = 30.0
_PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Emulator:
    address: str
    _child: asyncio.subprocess.Process
    _output: asyncio.StreamReader
    _log: Log
    _tasks: Tasks

    async def ready(self) -> None:
        """Raises Trouble with what it said when it does not start."""
        said: list[str] = []
        try:
            async with asyncio.timeout(START_S):
                async for line in self._output:
                    said.append(line.decode(errors="replace").rstrip())
                    if said[-1] == "READY":
                        self._tasks.spawn(self._log.follow("emulator", self._output))
                        return
        except TimeoutError:
            said.append(f"nothing for {START_S:.0f} s")
        raise Trouble(
            f"The AWS emulator (ministack) did not start: {'; '.join(said[-3:]) or 'it said nothing'}."
        )

    async def ended(self) -> None:
        """Never returns; raises Trouble when the emulator ends, and with it all that was stored."""
        status = await self._child.wait()
        raise Trouble(f"The AWS emulator (ministack) ended, exit status {status}: start `make run` again.")


@asynccontextmanager
async def emulator(region: str, course: Course, log: Log) -> AsyncIterator[Emulator]:
    """A fresh, empty emulator; its address is known at once, and it answers once it is `ready`."""
    with socket.create_server((HOST, 0)) as listening:
        port = listening.getsockname()[1]
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "local.emulator.launch",
            str(listening.fileno()),
            pass_fds=(listening.fileno(),),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=_PROJECT,
            env={**os.environ, "MINISTACK_REGION": region, **told(course)},
            start_new_session=True,  # Ctrl-C is for the runtime, which ends its children in order
        )
    assert child.stdout is not None  # noqa: S101 (PIPE was asked for)
    tasks = Tasks(log)
    try:
        yield Emulator(f"http://{HOST}:{port}", child, child.stdout, log, tasks)
    finally:
        await tasks.end()
        await stop(child)
