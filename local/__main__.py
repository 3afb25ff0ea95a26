"""`make run`: the whole stack on one loopback port, until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import uvloop

from local.children import stop
from local.logs import Log
from local.reload import watch
from local.runtime import runtime
from local.settings import Settings
from local.tasks import Tasks
from local.trouble import Trouble

SEED_S = 60.0


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1]).resolve()
    terminal = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    try:
        settings = Settings.from_env(os.environ, root, colour=terminal)
        uvloop.run(_run(settings))
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


async def _run(settings: Settings) -> None:
    log = Log(colour=settings.colour)
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    serving = asyncio.create_task(_serve(settings, log))
    waiting = asyncio.create_task(ended.wait())
    await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving


async def _serve(settings: Settings, log: Log) -> None:
    """Until it is cancelled. Raises Trouble."""
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(runtime(settings, log))
        command = (settings.root / "cli" / "main.py").exists()
        sign_ins = await _seed(settings) if command else []
        log.plain(f"READY {settings.base}")
        for line in sign_ins:
            log.plain(line)
        if settings.times != 1:
            log.plain(f"clock    runs {settings.times:g} times as fast as this machine's")
        tasks = Tasks(log)
        stack.push_async_callback(tasks.end)
        tasks.spawn(watch(running, tasks, log))
        tasks.spawn(running.warm())
        if settings.demo and command:
            child = await _cli("demo", settings)
            stack.push_async_callback(stop, child)
            assert child.stdout is not None  # noqa: S101 (PIPE was asked for)
            tasks.spawn(log.follow("demo", child.stdout))
        await running.emulated.ended()


async def _seed(settings: Settings) -> list[str]:
    """Make the demo's sign-ins; the lines that tell them."""
    child = await _cli("seed", settings)
    try:
        said, _ = await asyncio.wait_for(child.communicate(), SEED_S)
    except (TimeoutError, asyncio.CancelledError):
        await stop(child)
        raise
    lines = said.decode(errors="replace").splitlines()
    if child.returncode:
        raise Trouble(
            f"The demo's sign-ins could not be made: {lines[-1] if lines else 'no reason was given'}."
        )
    return lines


async def _cli(verb: str, settings: Settings) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "cli.main", verb, "--base", settings.base]
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        cwd=settings.root,
        start_new_session=True,
    )


if __name__ == "__main__":
    sys.exit(main())
