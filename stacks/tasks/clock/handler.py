"""A timer's {"fleet", "task" or "trip", "at_ms"}, or {"fleet", "schedule", "at"} → what was due then."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from stacks.tasks.clock import wiring

log = Logger(service="tasks-clock")
wire = cache(lambda: wiring.build(os.environ, log))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """What it raises is tried again by Lambda and then left in the queue of what was missed."""
    due, recurring = wire()
    fleet = event["fleet"]
    if "schedule" in event:
        did = recurring.make(fleet, event["schedule"], event["at"])
    elif "task" in event:
        did = due.task(fleet, event["task"], event["at_ms"])
    else:
        did = due.claim(fleet, event["trip"], event["at_ms"])
    return {"did": did}
