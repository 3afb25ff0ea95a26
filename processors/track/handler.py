"""Kinesis → live items and history. Answers which records to deliver again."""

from __future__ import annotations

import gc
from typing import Any

gc.disable()  # until wiring.calm_collector: all that a start loads stays, and looking through it costs 70 ms

from aws_lambda_powertools import Logger  # noqa: E402

from processors.track.wiring import wire  # noqa: E402

log = Logger()


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    failed = wire(log).track(event["Records"])
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in failed]}
