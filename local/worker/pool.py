"""The warm workers of one function: taken for an invocation, given back, restarted after an edit."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from pathlib import Path

from local.functions import Function
from local.logs import Log
from local.worker.answer import Answer, InitError
from local.worker.environment import Surroundings
from local.worker.process import Worker

GROW_S = 0.1
"""Another worker is started for an invocation that has waited so long."""
BACK_OFF_S = (0.5, 30.0)
"""After a failed start: the first wait and the longest; invocations fail at once meanwhile."""


class Pool:
    def __init__(self, function: Function, python: Path, around: Surroundings, log: Log, most: int) -> None:
        self.function = function
        self._python, self._around, self._log = python, around, log
        reserved = function.concurrency
        self._most = most if reserved is None else max(1, min(most, reserved))
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._zombies: set[Worker] = set()
        self._waiting: deque[asyncio.Future[Worker | InitError]] = deque()
        self._starting: set[asyncio.Task[None]] = set()
        self._failed: tuple[InitError, float] | None = None
        self._back_off = BACK_OFF_S[0]
        self._said: list[str] = []

    async def invoke(self, event: bytes) -> Answer:
        """Run the function once, waiting for a worker when all are busy. Its failure is an answer too."""
        while self._idle:
            worker = self._idle.pop()
            if worker.usable:
                return await self._run(worker, event)
            self._all.discard(worker)  # it died while it had nothing to do
        taken = await self._wait()
        return taken.answer if isinstance(taken, InitError) else await self._run(taken, event)

    async def warm(self) -> None:
        """Have one worker ready before it is asked for."""
        if not self._all and not self._starting:
            self._start()
        if self._starting:
            await asyncio.wait(self._starting)

    def restart(self, python: Path | None = None) -> None:
        """The source (or the environment, `python`) has changed: who is at work finishes, the others end."""
        self._python = python or self._python
        self._failed, self._back_off, self._said = None, BACK_OFF_S[0], []
        for worker in self._all:
            worker.stale = True
        starting, self._starting = self._starting, set()
        for task in starting:
            task.cancel()
        idle, self._idle = self._idle, []
        for worker in idle:
            self._all.discard(worker)
            worker.kill()
        if self._waiting:
            self._start()

    def kill(self, worker_id: int) -> bool:
        """SIGKILL to one worker, also in the midst of an invocation; False when it is no longer there."""
        for worker in self._all | self._zombies:
            if worker.id == worker_id:
                worker.kill()
                return True
        return False

    async def end(self) -> None:
        for task in self._starting:
            task.cancel()
        ending = self._all | self._zombies
        await asyncio.gather(*(worker.end() for worker in ending), return_exceptions=True)

    async def _run(self, worker: Worker, event: bytes) -> Answer:
        try:
            return await worker.invoke(event)
        finally:
            self._give_back(worker)

    def _give_back(self, worker: Worker) -> None:
        if not worker.usable:
            self._all.discard(worker)
            if worker.zombie:
                self._zombies = {zombie for zombie in self._zombies if zombie.alive} | {worker}
            else:
                worker.kill()
            if self._waiting and not self._starting:
                self._start()
            return
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(worker)
                return
        self._idle.append(worker)

    async def _wait(self) -> Worker | InitError:
        if self._failed is not None and time.monotonic() < self._failed[1]:
            return self._failed[0]
        waiter: asyncio.Future[Worker | InitError] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        if not self._all and not self._starting:
            self._start()
        grow = asyncio.get_running_loop().call_later(GROW_S, self._grow, waiter)
        try:
            return await waiter
        finally:
            grow.cancel()
            if waiter.done() and not waiter.cancelled() and asyncio.current_task().cancelling():  # type: ignore[union-attr]
                taken = waiter.result()
                if isinstance(taken, Worker):
                    self._give_back(taken)

    def _grow(self, waiter: asyncio.Future[Worker | InitError]) -> None:
        if not waiter.done() and not self._starting and len(self._all) < self._most:
            self._start()

    def _start(self) -> None:
        task = asyncio.create_task(self._start_one())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _start_one(self) -> None:
        worker = Worker(self.function, self._log)
        try:
            await worker.start(self._python, self._around)
        except InitError as error:
            self._cannot_start(error)
            return
        self._all.add(worker)
        self._failed, self._back_off, self._said = None, BACK_OFF_S[0], []
        self._give_back(worker)

    def _cannot_start(self, error: InitError) -> None:
        self._failed = (error, time.monotonic() + self._back_off)
        self._back_off = min(self._back_off * 2, BACK_OFF_S[1])
        if error.said != self._said:
            self._said = error.said
            for line in error.said[-20:]:
                self._log.output(self.function.label, line)
            if any("No module named" in line for line in error.said):
                where = self.function.requirements
                hint = (
                    f"If {where} lacks it: add it to the group in pyproject.toml and run make requirements."
                )
                self._log.say(self.function.label, hint, "WARNING")
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(error)
