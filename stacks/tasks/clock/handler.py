"""A timer's {"fleet", "task" or "trip", "at_ms"} → what was due then."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from stacks.tasks.clock import wiring

log = Logger(service="tasks-clock")
wire = cache(lambda: wiring.build(os.environ))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """What it raises is tried again by Lambda and then left in the queue of what was missed."""
    due, fleet, at_ms = wire(), event["fleet"], event["at_ms"]
    did = due.task(fleet, event["task"], at_ms) if "task" in event else due.claim(fleet, event["trip"], at_ms)
    return {"did": did}
