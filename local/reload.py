"""A changed source file restarts the workers that run it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

from local.functions import Function
from local.logs import Log
from local.runtime import Runtime
from local.tasks import Tasks
from local.trouble import Trouble
from tools.imports import closure

DEBOUNCE_MS = 50
SHARED = ("geo", "telemetry", "storage")
_READ = (".py", ".txt", ".json", ".yaml", ".yml")
TEMPLATE, DEFINITION = "template.yaml", "openapi.yaml"


class _Sources(DefaultFilter):
    """Everything that a function or the runtime reads."""

    def __call__(self, change: Change, path: str) -> bool:
        return path.endswith(_READ) and super().__call__(change, path)


async def watch(running: Runtime, tasks: Tasks, log: Log) -> None:
    """Until it is cancelled."""
    root = running.settings.root
    own = {pool.function.folder.relative_to(root).parts[0] for pool in running.pools.values()}
    folders = [root / name for name in sorted({*own, *SHARED}) if (root / name).is_dir()]
    files = [root / name for name in (TEMPLATE,) if (root / name).exists()]
    async for changes in awatch(*folders, *files, watch_filter=_Sources(), debounce=DEBOUNCE_MS, step=20):
        await _changed(running, tasks, log, {Path(path) for _, path in changes})


async def _changed(running: Runtime, tasks: Tasks, log: Log, paths: set[Path]) -> None:
    root = running.settings.root
    if any(path.name == DEFINITION for path in paths):
        _take_routes(running, log)
    if any(path.name == TEMPLATE for path in paths):
        log.say("runtime", "a template has changed: end `make run` and start it again to take it", "WARNING")
    sources = {path for path in paths if path.name not in (DEFINITION, TEMPLATE)}
    functions = [pool.function for pool in running.pools.values()]
    names = await asyncio.to_thread(concerned, root, functions, sources)
    pools = [running.pools[name] for name in names]
    if not pools:
        return
    log.say("runtime", f"{_named(root, sources)}: restarting {', '.join(p.function.label for p in pools)}")
    for pool in pools:
        try:
            pool.restart(await _python(running, pool.function, sources))
        except Trouble as trouble:
            log.say("runtime", str(trouble), "ERROR")
    running.gateway.forget_verdicts()
    tasks.spawn(running.warm(pools))


def _take_routes(running: Runtime, log: Log) -> None:
    try:
        running.read_routes()
    except Trouble as trouble:
        log.say("runtime", str(trouble), "ERROR")
    else:
        log.say("runtime", "the routes are read again")


async def _python(running: Runtime, function: Function, changed: set[Path]) -> Path | None:
    """The interpreter of changed requirements. Raises Trouble."""
    wanted = function.requirements
    return await running.environments.python(wanted) if wanted in changed else None


def concerned(root: Path, functions: Iterable[Function], changed: set[Path]) -> list[str]:
    """The names of the functions that run a changed file."""
    functions = list(functions)
    shared = {path for path in changed if not any(path.is_relative_to(f.folder) for f in functions)}
    return [
        function.name
        for function in functions
        if function.requirements in changed
        or any(path.is_relative_to(function.folder) for path in changed)
        or (shared and shared & _imported(root, function, shared))
    ]


def _imported(root: Path, function: Function, otherwise: set[Path]) -> set[Path]:
    """The files of the project that the function imports; `otherwise` while they cannot be read."""
    try:
        return closure(root, function.handler.rpartition(".")[0]).files
    except Trouble:
        return otherwise


def _named(root: Path, paths: set[Path]) -> str:
    first, *others = sorted(str(path.relative_to(root)) for path in paths)
    return f"{first} and {len(others)} more" if others else first
