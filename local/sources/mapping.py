"""The event source mappings of the stacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from local.sources.filters import check
from local.sources.model import Rules
from local.sources.shards import LATEST, TRIM_HORIZON, Position
from local.template.stacks import Stack
from local.trouble import Trouble

_KNOWN = {
    "EventSourceArn",
    "FunctionName",
    "Enabled",
    "StartingPosition",
    "StartingPositionTimestamp",
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "ParallelizationFactor",
    "FunctionResponseTypes",
    "BisectBatchOnFunctionError",
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "DestinationConfig",
    "FilterCriteria",
    "ScalingConfig",
    "MetricsConfig",
    "Tags",
}


@dataclass(frozen=True, slots=True)
class Mapped:
    """One event source mapping: which source feeds which function, and how."""

    source: str
    """The ARN of a stream, of a table's stream or of a queue."""
    function: str
    rules: Rules
    start: Position
    on_failure: str | None
    """The ARN of a queue."""
    filters: tuple[Mapping[str, Any], ...]


def mappings(stack: Stack) -> Iterator[Mapped]:
    """Raises Trouble for a setting that the laptop runtime would otherwise leave out in silence."""
    for logical in stack.of_type("AWS::Lambda::EventSourceMapping"):
        properties = stack.resolver.properties(logical)
        at = f"{stack.source}: Resources.{logical}"
        if unknown := set(properties) - _KNOWN:
            raise Trouble(f"{at}: the laptop runtime does not know {', '.join(sorted(unknown))}.")
        if properties.get("Enabled") is False:
            continue
        on_failure = properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        if on_failure and ":sqs:" not in on_failure:
            raise Trouble(
                f"{at}: the laptop runtime knows queues only as on-failure destination, not {on_failure}."
            )
        filters = [
            orjson.loads(f["Pattern"]) for f in properties.get("FilterCriteria", {}).get("Filters", [])
        ]
        try:
            for pattern in filters:
                check(pattern)
        except ValueError as error:
            raise Trouble(f"{at}: the laptop runtime does not know this filter: {error}.") from None
        yield Mapped(
            source=properties["EventSourceArn"],
            function=str(properties["FunctionName"]).rpartition(":")[2],
            rules=_rules(properties),
            start=_start(properties, at),
            on_failure=on_failure,
            filters=tuple(filters),
        )


def _start(properties: Mapping[str, Any], at: str) -> Position:
    """A queue has none; what it would be is never looked at."""
    match properties.get("StartingPosition", "TRIM_HORIZON"):
        case "TRIM_HORIZON":
            return TRIM_HORIZON
        case "LATEST":
            return LATEST
        case "AT_TIMESTAMP" if ":kinesis:" in properties["EventSourceArn"]:
            return Position("AT_TIMESTAMP", since_s=float(properties["StartingPositionTimestamp"]))
        case other:
            raise Trouble(f"{at}: this source cannot be read from StartingPosition {other}.")


def _rules(properties: Mapping[str, Any]) -> Rules:
    standard = 10 if ":sqs:" in properties["EventSourceArn"] else 100
    return Rules(
        batch_size=int(properties.get("BatchSize", standard)),
        window_s=float(properties.get("MaximumBatchingWindowInSeconds", 0)),
        parallel=int(properties.get("ParallelizationFactor", 1)),
        report_items="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", ()),
        bisect=str(properties.get("BisectBatchOnFunctionError", False)).lower() == "true",
        max_retries=int(properties.get("MaximumRetryAttempts", -1)),
        max_age_s=float(properties.get("MaximumRecordAgeInSeconds", -1)),
    )
