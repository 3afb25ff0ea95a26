"""What the on-failure destination is told, and that it is told."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from local.aws import AwsError
from local.functions import Function
from local.logs import Log
from local.sources import queue
from local.sources.destination import Destinations
from local.sources.mapping import Mapped
from local.sources.model import Batch, Condition, Discarded, Record, Rules
from local.sources.queue import sender
from local.sources.shards import TRIM_HORIZON

QUEUE = "arn:aws:sqs:us-east-1:000000000000:failed"
ARN = "arn:aws:lambda:us-east-1:000000000000:function:track"


class Stream:
    arn, batch_name = "arn:aws:kinesis:us-east-1:000000000000:stream/uploads", "KinesisBatchInfo"


class Aws:
    """A queue that refuses the first messages."""

    endpoint = "http://127.0.0.1:1"

    def __init__(self, refuses: int) -> None:
        self.refuses, self.asked, self.taken = refuses, 0, []

    async def call(self, target: str, payload: dict[str, Any]) -> None:
        self.asked += 1
        if self.asked <= self.refuses:
            raise (AwsError(target, "InternalFailure", "for now") if self.asked % 2 else TimeoutError())
        self.taken.append((target, payload["QueueUrl"], orjson.loads(payload["MessageBody"])))


def tell(aws: Aws, condition: Condition, on_failure: str | None = QUEUE) -> None:
    records = [Record(f"{n}", "k", 1_573_691_884.835 + n, 10, {"secret": n}) for n in (5, 6, 7)]
    function = Function("Track", "track", ARN, "h.h", Path(), Path(), 3, 128, None, {}, "track")
    mapped = Mapped(Stream.arn, "track", Rules(), TRIM_HORIZON, on_failure, ())
    discarded = Discarded(Batch(tuple(records), failures=4), condition)
    log = Log(colour=False, write=lambda _: None)
    destinations = Destinations(sender(aws, log), {"track": function}, log)  # type: ignore[arg-type]
    asyncio.run(destinations.give_up(mapped, Stream(), "shardId-000000000001", discarded))  # type: ignore[arg-type]


@pytest.mark.parametrize("condition", ["RetryAttemptsExhausted", "RecordAgeExceeded"])
def test_the_message_is_the_one_that_aws_documents_and_holds_no_record(condition: Condition) -> None:
    aws = Aws(refuses=0)
    tell(aws, condition)
    [(target, queue, said)] = aws.taken
    assert (target, queue) == ("AmazonSQS.SendMessage", "http://127.0.0.1:1/000000000000/failed")
    assert len(said["requestContext"].pop("requestId")) == 36
    assert said.pop("timestamp").endswith("Z")
    assert said == {
        "requestContext": {
            "functionArn": f"{ARN}:$LATEST",
            "condition": condition,
            "approximateInvokeCount": 4,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "version": "1.0",
        "KinesisBatchInfo": {
            "shardId": "shardId-000000000001",
            "startSequenceNumber": "5",
            "endSequenceNumber": "7",
            "approximateArrivalOfFirstRecord": "2019-11-14T00:38:09.835Z",
            "approximateArrivalOfLastRecord": "2019-11-14T00:38:11.835Z",
            "batchSize": 3,
            "streamArn": Stream.arn,
        },
    }


def test_a_queue_that_takes_nothing_is_asked_until_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "RETRY_S", (0.0, 0.0))
    aws = Aws(refuses=25)
    tell(aws, "RetryAttemptsExhausted")
    assert (aws.asked, len(aws.taken)) == (26, 1)


def test_without_a_destination_nobody_is_told() -> None:
    aws = Aws(refuses=0)
    tell(aws, "RetryAttemptsExhausted", on_failure=None)
    assert aws.asked == 0
