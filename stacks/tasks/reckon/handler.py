"""Settled rows of the pipeline's trips table → what their trips pay.

They come by the table's stream. One that cannot be taken holds up no other: its trip goes to a queue of our
own, and comes again from there as its row is by then (docs/decisions/0030).
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from stacks.tasks.reckon import wiring

log = Logger(service="tasks-reckon")
wire = cache(lambda: wiring.build(os.environ, log))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    queued = event["Records"][0]["eventSource"] == "aws:sqs"
    failed = (wire().from_queue if queued else wire().from_stream)(event["Records"])
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}
