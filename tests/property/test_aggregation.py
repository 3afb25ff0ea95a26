"""Packed and taken apart: the same uploads, each courier's in order, where Kinesis would have put them."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter, defaultdict

from aws_kinesis_agg.deaggregator import deaggregate_records
from hypothesis import given
from hypothesis import strategies as st

from storage.aggregation import MAGIC, MAX_BYTES, RANGES, pack, take_apart
from telemetry.ping import Ping
from telemetry.upload import Upload
from tests.strategies import T0_MS, devices, names, pings, times_ms

uploads = st.builds(
    Upload,
    fleet=st.sampled_from(["demo", "rival"]),
    courier=st.sampled_from([f"c-{i}" for i in range(9)]) | names,
    device=devices,
    received_ms=times_ms,
    pings=st.lists(pings, min_size=1, max_size=40).map(tuple)
    | st.just(tuple(Ping(T0_MS + i, i, -i) for i in range(700))),
)
ranges = st.sampled_from([1, 2, RANGES])


def hashed(key: str) -> int:
    """Where Kinesis puts a partition key: its MD5 as a number of 128 bits."""
    return int(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest(), 16)


@given(st.lists(uploads, max_size=120), ranges)
def test_what_is_packed_is_taken_apart_in_each_courier_s_order(sent, count) -> None:
    told, asked = defaultdict(list), defaultdict(list)
    for record in pack(sent, count):
        for part in take_apart(record.data):
            upload = Upload.from_bytes(part)
            told[upload.key].append(upload)
    for upload in sent:
        asked[upload.key].append(upload)
    assert told == asked


@given(st.lists(uploads, max_size=120), ranges)
def test_a_record_lies_where_its_uploads_would_and_keeps_its_size(sent, count) -> None:
    width = 2**128 // count
    for record in pack(sent, count):
        start, parts = int(record.hash_key), take_apart(record.data)
        keys = [Upload.from_bytes(part).key for part in parts]
        assert start % width == 0
        assert all(start <= hashed(key) < start + width for key in keys)
        assert {key.partition("/")[0] for key in keys} == {record.key.partition("/")[0]}
        assert len(record.key) + len(record.data) <= MAX_BYTES or len(parts) == 1
        assert record.data.startswith(MAGIC) == (len(parts) > 1)


@given(st.lists(uploads, max_size=60))
def test_records_of_one_range_have_one_key_and_no_two_ranges_share_it(sent) -> None:
    records = pack(sent)
    assert len({r.key for r in records}) == len({(r.key, r.hash_key) for r in records})
    fleets_ranges = {(r.key.partition("/")[0], r.hash_key) for r in records}
    assert len(fleets_ranges) == len({r.key for r in records})


@given(st.lists(uploads, min_size=2, max_size=60))
def test_the_library_s_own_deaggregator_reads_the_same(sent) -> None:
    for record in pack(sent, 1):
        event = {
            "kinesis": {
                "partitionKey": record.key,
                "data": base64.b64encode(record.data).decode(),
                "sequenceNumber": "1",
                "kinesisSchemaVersion": "1.0",
                "approximateArrivalTimestamp": 0,
            }
        }
        read = deaggregate_records([event])
        parts = take_apart(record.data)
        assert [base64.b64decode(r["kinesis"]["data"]) for r in read] == parts
        if len(parts) > 1:
            assert [r["kinesis"]["partitionKey"] for r in read] == [Upload.from_bytes(p).key for p in parts]


def test_many_small_uploads_fill_their_aggregates() -> None:
    """Nearly: a next one would not have fitted."""
    sent = [Upload("demo", f"c-{i}", "app", T0_MS, (Ping(T0_MS, i, i),)) for i in range(6_400)]
    records = pack(sent)
    by_range = Counter(r.hash_key for r in records)
    assert len(by_range) == RANGES
    longest = max(len(upload.to_bytes()) + len(upload.key) + 8 for upload in sent)
    assert sum(len(r.key) + len(r.data) > MAX_BYTES - longest for r in records) >= len(records) - RANGES
