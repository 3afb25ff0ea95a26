"""What Lambda sends to an on-failure queue: where the records are, not the records.

Source: AWS Lambda developer guide, "Retain discarded batch records for a Kinesis Data Streams event source".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from local.functions import Function
from local.logs import Log
from local.sources.mapping import Mapped
from local.sources.model import Discarded
from local.sources.queue import Send
from local.sources.streams import Stream


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
    def __init__(self, send: Send, functions: Mapping[str, Function], log: Log) -> None:
        self._send, self._functions, self._log = send, functions, log

    async def give_up(self, mapped: Mapped, stream: Stream, shard: str, discarded: Discarded) -> None:
        """Comes back when the destination has taken the message."""
        function = self._functions[mapped.function]
        count = len(discarded.batch.records)
        self._log.say(
            "sources", f"{function.label} gave up {count} records: {discarded.condition}", "WARNING"
        )
        if mapped.on_failure is not None:
            said = message(function, stream, shard, discarded, datetime.now(UTC))
            await self._send(mapped.on_failure, said)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
