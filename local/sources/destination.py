"""What Lambda sends to an on-failure queue: where the records are, not the records.

Source: AWS Lambda developer guide, "Retain discarded batch records for a Kinesis Data Streams event source".
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import aiohttp
import orjson

from local.aws import Aws, AwsError
from local.functions import Function
from local.logs import Log
from local.sources.mapping import Mapped
from local.sources.model import Discarded
from local.sources.queue import Queue
from local.sources.streams import Stream

RETRY_S = (0.2, 5.0)
"""The first wait after a failed send, and the longest."""


def message(
    function: Function, stream: Stream, shard: str, discarded: Discarded, now: datetime
) -> dict[str, Any]:
    records = discarded.batch.records
    return {
        "requestContext": {
            "requestId": str(uuid4()),
            "functionArn": f"{function.arn}:$LATEST",
            "condition": discarded.condition,
            "approximateInvokeCount": discarded.batch.failures,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": _iso(now),
        stream.batch_name: {
            "shardId": shard,
            "startSequenceNumber": records[0].sequence,
            "endSequenceNumber": records[-1].sequence,
            "approximateArrivalOfFirstRecord": _iso(datetime.fromtimestamp(records[0].arrived_s, UTC)),
            "approximateArrivalOfLastRecord": _iso(datetime.fromtimestamp(records[-1].arrived_s, UTC)),
            "batchSize": len(records),
            "streamArn": stream.arn,
        },
    }


class Destinations:
    def __init__(self, aws: Aws, functions: dict[str, Function], log: Log) -> None:
        self._aws, self._functions, self._log = aws, functions, log

    async def give_up(self, mapped: Mapped, stream: Stream, shard: str, discarded: Discarded) -> None:
        """Comes back when the destination has taken the message; until then it is sent again and again."""
        function = self._functions[mapped.function]
        count = len(discarded.batch.records)
        self._log.say(
            "sources", f"{function.label} gave up {count} records: {discarded.condition}", "WARNING"
        )
        if mapped.on_failure is None:
            return
        body = orjson.dumps(message(function, stream, shard, discarded, datetime.now(UTC))).decode()
        queue = Queue(self._aws, mapped.on_failure)
        wait_s, longest_s = RETRY_S
        while True:
            try:
                await queue.send(body)
                return
            except (AwsError, aiohttp.ClientError, TimeoutError) as error:
                self._log.say("sources", f"the on-failure queue takes nothing: {error!r}", "ERROR")
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, longest_s)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
