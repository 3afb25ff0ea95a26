"""Every minute: {"shards": [0, …]} → alerts raised and closed, finishes proposed, trips abandoned."""

from __future__ import annotations

import os
from dataclasses import asdict
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from stacks.tasks.watch import wiring

log = Logger(service="tasks-watch")
wire = cache(lambda: wiring.build(os.environ, log))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    tally = asdict(wire().run(event["shards"]))
    log.info("swept", extra=tally)
    return tally
