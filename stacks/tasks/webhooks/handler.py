"""The queue of webhooks: events of the bus, and what is to be sent to one webhook."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from stacks.tasks.webhooks import wiring

log = Logger(service="tasks-webhooks")
wire = cache(lambda: wiring.build(os.environ, log))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    again = wire().take(event["Records"])
    return {"batchItemFailures": [{"itemIdentifier": message} for message in again]}
