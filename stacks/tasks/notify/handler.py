"""The tasks table's stream → events on the bus and on the live stream."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from stacks.tasks.notify import wiring

log = Logger(service="tasks-notify")
wire = cache(lambda: wiring.build(os.environ, log))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    failed = wire().tell(event["Records"])
    if failed:
        log.warning("events were not taken and come again", extra={"records": len(failed)})
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in failed]}
