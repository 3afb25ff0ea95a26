"""A changed source file restarts the workers that run it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

from local.functions import Function
from local.logs import Log
from local.runtime import Runtime
from local.tasks import Tasks

DEBOUNCE_MS = 50
_READ = (".py", ".txt", ".json", ".yaml", ".yml")
_TEMPLATES = ("template.yaml", "openapi.yaml")


class _Sources(DefaultFilter):
    """Everything that a function or the runtime reads."""

    def __call__(self, change: Change, path: str) -> bool:
        return path.endswith(_READ) and super().__call__(change, path)


async def watch(running: Runtime, tasks: Tasks, log: Log) -> None:
    """Until it is cancelled."""
    root = running.settings.root
    own = {pool.function.folder.relative_to(root).parts[0] for pool in running.pools.values()}
    shared = {"geo", "telemetry", "storage"}
    folders = [root / name for name in sorted(own | shared) if (root / name).is_dir()]
    async for changes in awatch(
        *folders, watch_filter=_Sources(), debounce=DEBOUNCE_MS, step=20, rust_timeout=1000
    ):
        await _changed(running, tasks, log, {Path(path) for _, path in changes})


async def _changed(running: Runtime, tasks: Tasks, log: Log, paths: set[Path]) -> None:
    root = running.settings.root
    for path in sorted(paths):
        if path.name in _TEMPLATES:
            log.say(
                "runtime", f"{path.relative_to(root)} has changed: restart make run to take it.", "WARNING"
            )
    paths = {path for path in paths if path.name not in _TEMPLATES}
    concerned = [
        pool for pool in running.pools.values() if any(concerns(root, pool.function, path) for path in paths)
    ]
    if not concerned:
        return
    log.say("runtime", f"{_named(root, paths)}: restarting {', '.join(p.function.label for p in concerned)}")
    for pool in concerned:
        python = None
        if pool.function.requirements in paths:
            python = await running.environments.python(pool.function.requirements)
        pool.restart(python)
    running.gateway.forget_verdicts()
    tasks.spawn(running.warm(concerned))


def concerns(root: Path, function: Function, path: Path) -> bool:
    """Its own folder, what lies beside it in its stack, and what is shared by all."""
    if function.requirements == path or path.is_relative_to(function.folder):
        return True
    return any(path.parent == folder for folder in _above(root, function.folder)) or not _in_a_function(
        root, path
    )


def _above(root: Path, folder: Path) -> Iterator[Path]:
    while folder != root:
        folder = folder.parent
        yield folder


def _in_a_function(root: Path, path: Path) -> bool:
    return path.relative_to(root).parts[0] in ("ingest", "processors", "stacks")


def _named(root: Path, paths: set[Path]) -> str:
    first, *others = sorted(str(path.relative_to(root)) for path in paths)
    return f"{first} and {len(others)} more" if others else first
