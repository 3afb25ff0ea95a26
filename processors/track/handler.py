"""Kinesis → live items and history. Answers which records to deliver again."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from processors.track.wiring import wire

log = Logger()


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    failed = wire(log).track(event["Records"])
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in failed]}
