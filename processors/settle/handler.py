"""{"trip"} of a timer → the trip's final record."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from processors.settle.wiring import wire

log = Logger()


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """What it raises is tried again by Lambda and then left in the queue of the unsettled."""
    return {"settled": wire(log).settle(event["trip"])}
