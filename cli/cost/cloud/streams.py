"""Kinesis in memory: records put, counted as both of its modes bill them, and taken as Lambda gets them."""

from __future__ import annotations

import base64
import math
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from cli.cost.cloud.meter import Meter

PUT_UNIT = 25 * 1024
ON_DEMAND_UNIT = 1024


@dataclass
class Kinesis:
    meter: Meter
    records: deque[dict[str, Any]] = field(default_factory=deque)

    def put(self, asked: dict[str, Any]) -> dict[str, Any]:
        """PutRecords. A record weighs its data; AWS does not bill its partition key."""
        for record in asked["Records"]:
            size = len(base64.b64decode(record["Data"]))
            self.meter.add("kinesis.records")
            self.meter.add("kinesis.bytes", size)
            self.meter.add("kinesis.billed_bytes", math.ceil(size / ON_DEMAND_UNIT) * ON_DEMAND_UNIT)
            self.meter.add("kinesis.put_units", math.ceil(size / PUT_UNIT))
            self.records.append(record)
        self.meter.add("kinesis.puts")
        answers = [{"SequenceNumber": "1", "ShardId": "shardId-000000000000"}] * len(asked["Records"])
        return {"FailedRecordCount": 0, "Records": answers}

    def take(self, count: int) -> list[dict[str, Any]]:
        """The oldest records, as the event source mapping hands them on."""
        taken = [self.records.popleft() for _ in range(min(count, len(self.records)))]
        return [
            {
                "eventID": f"shardId-000000000000:{number}",
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "kinesis": {
                    "partitionKey": record["PartitionKey"],
                    "sequenceNumber": str(number),
                    "data": record["Data"],
                    "approximateArrivalTimestamp": 0.0,
                    "kinesisSchemaVersion": "1.0",
                },
            }
            for number, record in enumerate(taken, 1)
        ]
