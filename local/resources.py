"""Creates what the templates declare in the emulator: streams, tables, buckets, queues, parameters."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson

from local.aws import Aws, AwsError
from local.cross_origin import share
from local.notifications import notify
from local.settings import STAGE
from local.template.stacks import Localise, Stack
from local.trouble import Trouble

SIGNING_KEYS = f"/milepost/{STAGE}/signing-keys"
ON_DEMAND_SHARDS = 2
"""AWS starts with four; two keep records of several shards apart at less CPU time a record."""

_TABLE = (
    "AttributeDefinitions",
    "KeySchema",
    "BillingMode",
    "ProvisionedThroughput",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
)
Attributes = Mapping[str, str]
"""GetAtt values that are known only now."""


async def create(aws: Aws, stacks: list[Stack], localise: Localise) -> None:
    """Raises Trouble that names the resource."""
    makers: dict[str, Callable[[Aws, str, Any], Awaitable[Attributes]]] = {
        "AWS::Kinesis::Stream": _stream,
        "AWS::DynamoDB::Table": _table,
        "AWS::S3::Bucket": _bucket,
        "AWS::SQS::Queue": _queue,
    }

    async def make(stack: Stack, logical: str) -> None:
        at = f"{stack.source}: Resources.{logical}"
        kind = stack.resolver.resources[logical]["Type"]
        ref = stack.resolver.ref(logical, at)
        try:
            known = await makers[kind](aws, ref, stack.resolver.properties(logical))
        except AwsError as error:
            raise Trouble(f"{at} cannot be created: {error}.") from error
        stack.resolver.created |= {(logical, name): value for name, value in known.items()}

    async with asyncio.TaskGroup() as group:
        for stack in stacks:
            for logical in stack.of_type(*makers):
                group.create_task(make(stack, logical))
    for stack in stacks:
        for logical in stack.of_type("AWS::SQS::Queue"):
            await _dead_letters(aws, stack, logical)
        for logical in stack.of_type("AWS::S3::Bucket"):
            await notify(aws, stack, logical)
            await share(aws, stack, logical)
        for logical in stack.of_type("AWS::SSM::Parameter"):
            properties = stack.resolver.properties(logical)
            name, value = properties["Name"], localise(str(properties["Value"]))
            await put_parameter(aws, name, value, properties["Type"])
            for each in stacks:
                each.hear(name, value)
    await put_parameter(aws, SIGNING_KEYS, _random_keys(), "SecureString")


async def put_parameter(aws: Aws, name: str, value: str, kind: str) -> None:
    await aws.call("AmazonSSM.PutParameter", {"Name": name, "Value": value, "Type": kind, "Overwrite": True})


def _random_keys() -> str:
    key, name = (base64.urlsafe_b64encode(os.urandom(n)).decode().rstrip("=") for n in (32, 6))
    return orjson.dumps({"current": name, "keys": {name: key}}).decode()


async def _stream(aws: Aws, name: str, properties: Mapping[str, Any]) -> Attributes:
    shards = int(properties.get("ShardCount") or ON_DEMAND_SHARDS)
    await aws.call("Kinesis_20131202.CreateStream", {"StreamName": name, "ShardCount": shards})
    for _ in range(100):
        said = await aws.call("Kinesis_20131202.DescribeStreamSummary", {"StreamName": name})
        if said["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE":
            break
        await asyncio.sleep(0.02)
    hours = properties.get("RetentionPeriodHours")
    if hours and int(hours) > 24:
        more = {"StreamName": name, "RetentionPeriodHours": int(hours)}
        await aws.call("Kinesis_20131202.IncreaseStreamRetentionPeriod", more)
    return {}


async def _table(aws: Aws, name: str, properties: Mapping[str, Any]) -> Attributes:
    ask: dict[str, Any] = {"TableName": name, **{key: properties[key] for key in _TABLE if key in properties}}
    ask.setdefault("BillingMode", "PAY_PER_REQUEST" if "ProvisionedThroughput" not in ask else "PROVISIONED")
    if stream := properties.get("StreamSpecification"):
        ask["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": stream["StreamViewType"]}
    made = (await aws.call("DynamoDB_20120810.CreateTable", ask))["TableDescription"]
    if expiry := properties.get("TimeToLiveSpecification"):
        await aws.call(
            "DynamoDB_20120810.UpdateTimeToLive", {"TableName": name, "TimeToLiveSpecification": expiry}
        )
    return {"StreamArn": made["LatestStreamArn"]} if "LatestStreamArn" in made else {}


async def _bucket(aws: Aws, name: str, _: Mapping[str, Any]) -> Attributes:
    # S3 wants every region said but its first.
    where = f"<LocationConstraint>{aws.region}</LocationConstraint>" if aws.region != "us-east-1" else ""
    body = f"<CreateBucketConfiguration>{where}</CreateBucketConfiguration>" if where else ""
    await aws.put_bucket(name, body=body.encode())
    return {}


async def _queue(aws: Aws, url: str, properties: Mapping[str, Any]) -> Attributes:
    kept = {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in properties.items()
        if name not in ("QueueName", "Tags", "SqsManagedSseEnabled", "RedriveAllowPolicy", "RedrivePolicy")
    }
    await aws.call("AmazonSQS.CreateQueue", {"QueueName": url.rpartition("/")[2], "Attributes": kept})
    return {}


async def _dead_letters(aws: Aws, stack: Stack, logical: str) -> None:
    """Where a queue's messages go that were received too often: known once every queue is there."""
    at = f"{stack.source}: Resources.{logical}"
    policy = stack.resolver.properties(logical).get("RedrivePolicy")
    if policy is None:
        return
    url = stack.resolver.ref(logical, at)
    dead = f"{url.rpartition('/')[0]}/{policy['deadLetterTargetArn'].rpartition(':')[2]}"
    try:
        known = await aws.queue_arn(dead)
        attributes = {"RedrivePolicy": orjson.dumps({**policy, "deadLetterTargetArn": known}).decode()}
        await aws.call("AmazonSQS.SetQueueAttributes", {"QueueUrl": url, "Attributes": attributes})
    except AwsError as error:
        raise Trouble(f"{at} cannot be given its RedrivePolicy: {error}.") from error
