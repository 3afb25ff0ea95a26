"""Event source mappings as the templates say them, and what is refused rather than left out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.sources.mapping import Mapped, mappings
from local.sources.model import Rules
from local.sources.shards import LATEST, TRIM_HORIZON, Position
from local.trouble import Trouble

STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/s"
TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026"


def mapped(**properties: Any) -> Mapped:
    known: Mapping[str, Any] = {"EventSourceArn": STREAM, "FunctionName": "f"} | properties
    stack = SimpleNamespace(
        source=Path("template.yaml"),
        of_type=lambda *_: ["Uploads"],
        resolver=SimpleNamespace(properties=lambda _: known),
    )
    [found] = mappings(stack)  # type: ignore[arg-type]
    return found


def test_the_defaults_are_those_of_aws() -> None:
    assert mapped(StartingPosition="LATEST") == Mapped(STREAM, "f", Rules(100, 0, 1), LATEST, None, ())


def test_every_setting_is_taken() -> None:
    said = mapped(
        StartingPosition="TRIM_HORIZON",
        BatchSize=500,
        MaximumBatchingWindowInSeconds=2,
        ParallelizationFactor="10",
        BisectBatchOnFunctionError="true",
        MaximumRetryAttempts=0,
        MaximumRecordAgeInSeconds=60,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        DestinationConfig={"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:000000000000:q"}},
    )
    assert said.rules == Rules(500, 2.0, 10, report_items=True, bisect=True, max_retries=0, max_age_s=60.0)
    assert said.on_failure == "arn:aws:sqs:us-east-1:000000000000:q"
    assert said.start == TRIM_HORIZON


def test_a_stream_may_be_read_from_a_time_on() -> None:
    said = mapped(StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=1541139109)
    assert said.start == Position("AT_TIMESTAMP", since_s=1541139109.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"TumblingWindowInSeconds": 5},
        {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 1, "EventSourceArn": TABLE},
        {"StartingPosition": "SOMEWHERE"},
        {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sns:us-east-1:000000000000:t"}}},
        {"FilterCriteria": {"Filters": [{"Pattern": '{"a": [{"wildcard": "x*"}]}'}]}},
    ],
)
def test_what_is_not_known_is_refused_and_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(Trouble, match=r"template.yaml: Resources.Uploads"):
        mapped(**wrong)
