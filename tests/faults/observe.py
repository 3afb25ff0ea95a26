"""What the stores of a running stack hold, read past every fault: tables, streams, the bucket."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import boto3
import orjson

from local.aws import Aws
from local.sources.lane import lane_of
from local.sources.shards import TRIM_HORIZON
from local.sources.streams import Kinesis
from storage.aggregation import take_apart
from storage.failed import PREFIX, StreamRecord, from_object
from storage.live import from_item
from storage.settlements import DynamoSettlements
from telemetry import columns
from telemetry.history import Sighting
from telemetry.upload import CorruptUpload, Upload, unpack_text
from tests.faults.check import Observed
from tests.faults.stage import Stage


async def observe(stage: Stage) -> Observed:
    observed = Observed()
    async for kind, record in _changes(stage.aws, stage.name("LiveTable")):
        key = record["Keys"]["courier"]["S"]
        versions = observed.versions.setdefault(key, [])
        if kind == "INSERT" and versions and versions[-1]:
            versions.append(None)  # it expired, of which the emulator's streams say nothing
        if image := record.get("NewImage"):
            item = _typed(image)
            versions.append(from_item(item))
            if "tail" in item:
                held = pings_of(item["tail"]["B"])
                observed.repeats[key] += len(held) - len({s.identity for s in held})
        else:
            versions.append(None)
    there = {item["courier"]["S"] async for item in _scan(stage.aws, stage.name("LiveTable"))}
    for key in observed.versions.keys() - there:
        observed.versions[key].append(None)
    await _lanes(stage, observed)
    settlements = DynamoSettlements(client(stage, "dynamodb"), stage.name("TripsTable"))
    for trip in [item["trip"]["S"] async for item in _scan(stage.aws, stage.name("TripsTable"))]:
        observed.standing[trip] = await asyncio.to_thread(settlements.standing, trip)

    async for item in _scan(stage.aws, stage.name("HistoryTable")):
        at = (item["trip"]["S"], int(item["bucket"]["N"]))
        observed.chunks[at] = pings_of(item["pings"]["B"])
        observed.chunk_writes += int(item["revision"]["N"])
    observed.quarantined = await asyncio.to_thread(_quarantined, stage)
    return observed


async def _lanes(stage: Stage, observed: Observed) -> None:
    """Records of one shard and lane are processed one batch after the other."""
    stream, parallel = stage.name("UploadStream"), stage.lanes()
    kinesis = Kinesis(stage.aws, f"arn:aws:kinesis:::stream/{stream}")
    for shard in await kinesis.shards():
        iterator: str | None = await kinesis.iterator(shard.shard, TRIM_HORIZON)
        while iterator:
            page = await kinesis.read(shard.shard, iterator, 10_000)
            for record in page.records:
                lane = f"{shard.shard}/{lane_of(record.key, parallel)}"
                for upload in _uploads(base64.b64decode(record.event["kinesis"]["data"])):
                    observed.lanes[upload.key].setdefault(lane, []).append(upload)
            iterator = page.next_iterator if page.records or page.behind else None


def _uploads(data: bytes) -> list[Upload]:
    try:
        return [Upload.from_bytes(part) for part in take_apart(data)]
    except CorruptUpload:
        return []


def pings_of(data: bytes) -> list[Sighting]:
    """Everything in a chunk or a tail, twice what is there twice."""
    at, found = 0, []
    while at < len(data):
        device, at = unpack_text(data, at)
        pings, at = columns.decode(data, at)
        found += [Sighting(device, ping) for ping in pings]
    return found


def _typed(item: Any) -> Any:
    """As boto3 has it: bytes decoded."""
    return {n: {"B": base64.b64decode(v["B"])} if "B" in v else v for n, v in item.items()}


async def _scan(aws: Aws, table: str) -> AsyncIterator[Any]:
    ask: dict[str, Any] = {"TableName": table, "ConsistentRead": True}
    while True:
        page = await aws.call("DynamoDB_20120810.Scan", ask)
        for item in page["Items"]:
            yield _typed(item)
        if not (last := page.get("LastEvaluatedKey")):
            return
        ask["ExclusiveStartKey"] = last


async def _changes(aws: Aws, table: str) -> AsyncIterator[tuple[str, Any]]:
    said = await aws.call("DynamoDB_20120810.DescribeTable", {"TableName": table})
    arn = said["Table"]["LatestStreamArn"]
    described = await aws.call("DynamoDBStreams_20120810.DescribeStream", {"StreamArn": arn})
    for shard in described["StreamDescription"]["Shards"]:
        where = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        said = await aws.call("DynamoDBStreams_20120810.GetShardIterator", where)
        iterator = said["ShardIterator"]
        while iterator:
            page = await aws.call("DynamoDBStreams_20120810.GetRecords", {"ShardIterator": iterator})
            for record in page["Records"]:
                yield record["eventName"], record["dynamodb"]
            if not page["Records"]:
                break
            iterator = page.get("NextShardIterator")


def client(stage: Stage, service: str) -> Any:
    return boto3.client(
        service, endpoint_url=stage.aws.endpoint, region_name=stage.aws.region,
        aws_access_key_id="000000000000", aws_secret_access_key="local",
    )  # fmt: skip


def _quarantined(stage: Stage) -> set[str]:
    s3, bucket = client(stage, "s3"), stage.name("DataBucket")
    found = set()
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="quarantine/"):
        for entry in page.get("Contents", []):
            body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
            found |= {rejected["hash"] for rejected in orjson.loads(body)["rejected"]}
    s3.close()
    return found


def failed(stage: Stage, known: set[str]) -> list[StreamRecord]:
    """Records that were given up and copied to the bucket, each object once: `known` takes their keys."""
    s3, bucket = client(stage, "s3"), stage.name("DataBucket")
    found: list[StreamRecord] = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX):
        for entry in page.get("Contents", []):
            if entry["Key"] not in known:
                known.add(entry["Key"])
                body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
                found += from_object(body).records
    s3.close()
    return found


async def due(stage: Stage) -> int:
    """Trips that are still to be settled."""
    return len([1 async for item in _scan(stage.aws, stage.name("TripsTable")) if "due" in item])
