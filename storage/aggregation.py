"""KPL aggregation: many uploads in one Kinesis record.

Only the message of aws-kinesis-agg is used: its deaggregator prints and drops the rest of a record that
it cannot unpack, where we want the whole record to go to quarantine.
Source: github.com/awslabs/amazon-kinesis-producer, aggregation-format.md.
"""

from __future__ import annotations

import hashlib

from telemetry.upload import CorruptUpload

MAGIC = b"\xf3\x89\x9a\xc2"
_DIGEST = 16


def take_apart(data: bytes) -> list[bytes]:
    """The user records of one Kinesis record: itself where it is plain. Raises CorruptUpload."""
    if not data.startswith(MAGIC):
        return [data]
    # Only bulk senders aggregate, so phones' traffic does not pay for loading protobuf.
    # Its messages import only once its deaggregator has put their folder on sys.path.
    from aws_kinesis_agg.deaggregator import messages_pb2  # noqa: PLC0415
    from google.protobuf.message import DecodeError  # noqa: PLC0415

    body, digest = data[len(MAGIC) : -_DIGEST], data[-_DIGEST:]
    if hashlib.md5(body, usedforsecurity=False).digest() != digest:
        raise CorruptUpload("the aggregated record does not match its checksum")
    try:
        message = messages_pb2.AggregatedRecord.FromString(body)
    except DecodeError as error:
        raise CorruptUpload(f"the aggregated record cannot be unpacked: {error}") from error
    return [record.data for record in message.records]
