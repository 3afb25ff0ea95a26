"""Kinesis events as Lambda gets them."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from telemetry.upload import Upload


def record(data: bytes, sequence: int = 1, key: str = "demo/wang") -> dict[str, Any]:
    return {
        "eventID": f"shardId-000000000000:{sequence}",
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "kinesis": {
            "partitionKey": key,
            "sequenceNumber": str(sequence),
            "data": base64.b64encode(data).decode(),
            "approximateArrivalTimestamp": 1_795_492_812.0,
            "kinesisSchemaVersion": "1.0",
        },
    }


def records(uploads: Iterable[Upload], start: int = 1) -> list[dict[str, Any]]:
    return [record(u.to_bytes(), i, u.key) for i, u in enumerate(uploads, start)]
