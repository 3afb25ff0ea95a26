"""What several of the stack's functions may be asked for in vain."""

from __future__ import annotations

from geo.said import say
from telemetry.problem import NotFound


def no_task(task: str) -> NotFound:
    return NotFound(say("task-not-found", "There is no task {task}; GET /v1/tasks lists them.", task=task))
