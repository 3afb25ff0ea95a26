"""One worker: a process that runs one function's handler for one event at a time."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from uuid import uuid4

from local.functions import Function
from local.logs import LINE_LIMIT, Log, lines
from local.settings import HOST
from local.worker.answer import Answer, InitError, failure
from local.worker.environment import Surroundings, variables
from local.worker.runtime_api import Connection

HERE = Path(__file__).parent
RESPONSE_LIMIT = 6 * 1024 * 1024
INIT_S = 30.0
"""AWS gives 10 s; a laptop on which everything starts at once may need more."""


class Worker:
    """Implements `runtime_api.Runtime`. Started by `start`."""

    def __init__(self, function: Function, log: Log) -> None:
        self.function, self._log = function, log
        self.stale = False
        """Its source has changed: it takes no further event."""
        self.zombie = False
        """Its invocation has timed out, and it runs on for a while without being heard."""
        self._killed = False
        self._zombie_s = 0.0
        self._connection: Connection | None = None
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ready.add_done_callback(_seen)
        self._said: list[str] | None = []
        """What it printed before it was ready; from then on its lines are shown as they come."""
        self._init_failure: Answer | None = None
        self._invocation: tuple[str, asyncio.Future[Answer]] | None = None
        self._due: tuple[str, int, bytes] | None = None

    async def start(self, python: Path, around: Surroundings) -> None:
        """Raises InitError."""
        self._server = await asyncio.get_running_loop().create_server(lambda: Connection(self), HOST, 0)
        self.id = port = self._server.sockets[0].getsockname()[1]  # which no other worker has
        self._zombie_s = around.faults.zombie_s
        where = [str(around.root), str(around.runtime_client), str(HERE / "portable"), self.function.handler]
        self._process = await asyncio.create_subprocess_exec(
            str(python),
            str(HERE / "bootstrap.py"),
            *where,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=around.root,
            env=variables(self.function, around, port),
            limit=LINE_LIMIT,
            start_new_session=True,  # Ctrl-C is for the runtime
        )
        self._ended = asyncio.create_task(self._follow())
        try:
            await asyncio.wait_for(asyncio.shield(self._ready), INIT_S)
        except TimeoutError:
            self.kill()
            raise InitError(
                failure("Sandbox.Timedout", f"Init took longer than {INIT_S:.0f} s"), self._said
            ) from None
        except asyncio.CancelledError:
            self.kill()
            raise

    @property
    def alive(self) -> bool:
        return not (self._killed or self._ended.done())

    @property
    def usable(self) -> bool:
        return self.alive and not (self.stale or self.zombie)

    async def invoke(self, event: bytes) -> Answer:
        """Run the handler once; a crash and a timeout are answers as AWS gives them."""
        request_id = str(uuid4())
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._invocation = (request_id, answer)
        deadline_ms = int((time.time() + self.function.timeout_s) * 1000)
        if self._connection is not None:
            self._connection.give(request_id, self.function.arn, deadline_ms, event)
            self._connection = None
        else:
            self._due = (request_id, deadline_ms, event)
        overdue = asyncio.get_running_loop().call_later(self.function.timeout_s, self._overdue, request_id)
        try:
            return await answer
        finally:
            overdue.cancel()
            if not answer.done() or answer.cancelled():
                self.kill()

    def asks(self, connection: Connection) -> None:
        if self.zombie:
            self.kill()
            return
        if not self._ready.done():
            self._ready.set_result(None)
            for line in self._said or []:
                self._log.output(self.function.label, line)
            self._said = None
        if self._due is not None:
            request_id, deadline_ms, event = self._due
            self._due = None
            connection.give(request_id, self.function.arn, deadline_ms, event)
        else:
            self._connection = connection

    def answers(self, request_id: str, body: bytes, *, failed: bool) -> None:
        if self._invocation is None or self._invocation[0] != request_id:
            return
        if len(body) > RESPONSE_LIMIT:
            text = f"Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes)."
            self._finish(failure("Function.ResponseSizeTooLarge", text))
        else:
            self._finish(Answer(body, failed))

    def init_failed(self, body: bytes) -> None:
        # It ends now, and whoever waits is told then: what it printed may still be on its way.
        self._init_failure = Answer(body, failed=True)

    def kill(self) -> None:
        self._killed = True
        if self._process.returncode is None:
            self._process.kill()

    async def end(self) -> None:
        """Let an idle worker end; one at work is killed."""
        if self._process.returncode is None:
            self._process.terminate()
            _, running = await asyncio.wait([self._ended], timeout=1.0)
            if running:
                self.kill()
                await self._ended

    def _finish(self, answer: Answer) -> None:
        if self._invocation is not None and not self._invocation[1].done():
            self._invocation[1].set_result(answer)
        self._invocation = None

    def _overdue(self, request_id: str) -> None:
        if self._invocation is not None and self._invocation[0] == request_id:
            text = (
                f"RequestId: {request_id} Error: Task timed out after {self.function.timeout_s:.2f} seconds"
            )
            self._log.say(self.function.label, text, "ERROR")
            self.zombie = self._zombie_s > 0
            self._finish(failure("Sandbox.Timedout", text))
            if self.zombie:
                asyncio.get_running_loop().call_later(self._zombie_s, self.kill)
            else:
                self.kill()

    async def _follow(self) -> None:
        """Show what it prints; when it ends, whoever waits for it is told."""
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 (PIPE was asked for)
        async for line in lines(stdout):
            if self._said is None:
                self._log.output(self.function.label, line)
            else:
                self._said.append(line)
        status = await self._process.wait()
        self._server.close()
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        request_id = self._invocation[0] if self._invocation else ""
        text = f"RequestId: {request_id} Error: Runtime exited with error: {how}"
        if self._invocation is not None:
            self._log.say(self.function.label, text, "ERROR")
        self._finish(failure("Runtime.ExitError", text))
        if not self._ready.done():
            answer = self._init_failure or failure("Runtime.ExitError", text)
            self._ready.set_exception(InitError(answer, self._said))


def _seen(future: asyncio.Future[None]) -> None:
    """A worker that is ended while it starts has nobody left to tell."""
    if not future.cancelled():
        future.exception()
