"""KPL aggregation: many uploads in one Kinesis record, packed and taken apart.

Only the message of aws-kinesis-agg is used: its deaggregator prints and drops the rest of a record that
it cannot unpack, where we want the whole record to go to quarantine; its aggregator knows no hash ranges.
Source: github.com/awslabs/amazon-kinesis-producer, aggregation-format.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from storage.stream import Plain
from telemetry.upload import CorruptUpload, Upload

MAGIC = b"\xf3\x89\x9a\xc2"
MAX_BYTES = 4 * 1024
"""Of an aggregate with its key, as Kinesis counts: four times what makes a shard's bytes its limit, and so
little that the processor's largest batch is a matter of seconds (docs/decisions/0022-bulk.md)."""
RANGES = 64
"""A power of two, as are the shards that Kinesis makes by splitting: then no range lies in two shards."""
_HASH_BITS = 128
_DIGEST = 16


def pack(uploads: Iterable[Upload], ranges: int = RANGES) -> list[Plain]:
    """The uploads in few records, a courier's in their order.

    The hash keys are cut into `ranges` (a power of two); a record has uploads of one fleet whose keys hash
    into one range, and goes to the shard of that range's start. Its own key is that of all the fleet's
    records of the range, so that one lane of the event source mapping has them. An upload that is alone,
    or larger than an aggregate, stays as it is.
    """
    groups: dict[tuple[str, int], list[Upload]] = {}
    for upload in uploads:
        groups.setdefault((upload.fleet, range_of(upload.key, ranges)), []).append(upload)
    records = []
    for (fleet, number), group in groups.items():
        key, start = f"{fleet}/_{number:02x}", str(number * (1 << _HASH_BITS) // ranges)
        records += [Plain(key, data, start) for data in _records(group, MAX_BYTES - len(key))]
    return records


def range_of(key: str, ranges: int = RANGES) -> int:
    """The number of the range of hash keys into which Kinesis hashes this partition key."""
    digest = hashlib.md5(key.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest, "big") * ranges >> _HASH_BITS


def _records(uploads: Iterable[Upload], room: int) -> Iterator[bytes]:
    some: list[tuple[str, bytes]] = []
    keys: dict[str, int] = {}
    size = 0
    for upload in uploads:
        key, data = upload.key, upload.to_bytes()
        more = _adds(keys, key, data)
        if some and size + more > room:
            yield _record(some)
            some, keys, size = [], {}, 0
            more = _adds(keys, key, data)
        some.append((key, data))
        keys.setdefault(key, len(keys))
        size += more + (len(MAGIC) + _DIGEST if len(some) == 1 else 0)
    if some:
        yield _record(some)


def _adds(keys: Mapping[str, int], key: str, data: bytes) -> int:
    """Bytes that an upload adds to a message with these keys: tag, length and content of each field."""
    inner = 1 + _varint(keys.get(key, len(keys))) + 1 + _varint(len(data)) + len(data)
    own = 0 if key in keys else 1 + _varint(len(key)) + len(key)
    return own + 1 + _varint(inner) + inner


def _varint(value: int) -> int:
    return max(1, -(-value.bit_length() // 7))


def _record(some: Sequence[tuple[str, bytes]]) -> bytes:
    if len(some) == 1:
        return some[0][1]
    message = _messages().AggregatedRecord()
    keys: dict[str, int] = {}
    for key, data in some:
        message.records.add(partition_key_index=keys.setdefault(key, len(keys)), data=data)
    message.partition_key_table.extend(keys)
    body: bytes = message.SerializeToString()
    return MAGIC + body + _digest(body)


def take_apart(data: bytes) -> list[bytes]:
    """The user records of one Kinesis record: itself where it is plain. Raises CorruptUpload."""
    if not data.startswith(MAGIC):
        return [data]
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - as in _messages

    body, digest = data[len(MAGIC) : -_DIGEST], data[-_DIGEST:]
    if _digest(body) != digest:
        raise CorruptUpload("the aggregated record does not match its checksum")
    try:
        message = _messages().AggregatedRecord.FromString(body)
    except DecodeError as error:
        raise CorruptUpload(f"the aggregated record cannot be unpacked: {error}") from error
    return [record.data for record in message.records]


def _digest(body: bytes) -> bytes:
    return hashlib.md5(body, usedforsecurity=False).digest()


@cache
def _messages() -> Any:
    """Only bulk senders aggregate, so phones' traffic does not pay for loading protobuf."""
    # Its messages import only once its deaggregator has put their folder on sys.path.
    from aws_kinesis_agg.deaggregator import messages_pb2  # noqa: PLC0415

    return messages_pb2
