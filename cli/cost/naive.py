"""The design to compare with: a record, an item and a push for every ping. The same calls, counted alike.

It matches nothing and keeps nothing but the ping itself, so it is cheaper than a real one would be.
"""

from __future__ import annotations

import base64
import os
from functools import cache
from typing import Any

import orjson

from storage.aws import client
from storage.connections import DynamoConnections, fleet_topic
from storage.history import TTL_S
from storage.sockets import GatewaySockets

TABLE = "NaivePings"
KEYS = ("courier", "t")


@cache
def _client(service: str) -> Any:
    if service == "apigatewaymanagementapi":
        return client(service, endpoint_url=os.environ["LIVE_ENDPOINT"])
    return client(service)


def receive(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """JSON as it came, one record a ping."""
    caller = event["requestContext"]["authorizer"]["lambda"]
    key = f"{caller['fleet']}/{caller['user']}"
    pings = orjson.loads(event["body"])["pings"]
    records = [{"Data": orjson.dumps(ping | {"courier": key}), "PartitionKey": key} for ping in pings]
    _client("kinesis").put_records(StreamName=os.environ["STREAM"], Records=records)
    return {"statusCode": 200, "body": orjson.dumps({"accepted": len(pings)}).decode()}


def process(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """One PutItem a ping; writing it again changes nothing."""
    for record in event["Records"]:
        ping = orjson.loads(base64.b64decode(record["kinesis"]["data"]))
        item = {
            name: {"S": value} if name == "courier" else {"N": str(value)} for name, value in ping.items()
        }
        item["ttl"] = {"N": str(int(ping["t"]) + TTL_S)}
        _client("dynamodb").put_item(TableName=TABLE, Item=item)
    return {"batchItemFailures": []}


def push(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """One message a ping and viewer."""
    connections = DynamoConnections(_client("dynamodb"), os.environ["CONNECTIONS_TABLE"])
    sockets = GatewaySockets(_client("apigatewaymanagementapi"))
    for record in event["Records"]:
        image = record["dynamodb"]["NewImage"]
        message = orjson.dumps({name: next(iter(typed.values())) for name, typed in image.items()})
        fleet = image["courier"]["S"].partition("/")[0]
        for connection in connections.listeners(fleet_topic(fleet)):
            sockets.send(connection, message)
    return {"batchItemFailures": []}
