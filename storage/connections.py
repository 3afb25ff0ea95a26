"""Who listens: WebSocket connections by topic, and the single-use tickets that let them in."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from telemetry.clock import Clock, now_s

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TOPIC_INDEX = "topic-index"
TICKET_S = 30
CONNECTION_S = 2 * 3600 + 600  # API Gateway ends a connection after two hours


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who holds a ticket or a connection."""

    fleet: str
    user: str
    role: str

    @property
    def watches(self) -> bool:
        """May they see where everybody is?"""
        return self.role in {"manager", "admin"}


class TicketRefused(Exception):
    """Unknown, used or expired."""


class ConnectionStore(Protocol):
    def issue_ticket(self, viewer: Viewer) -> tuple[str, int]:
        """A fresh ticket and the Unix second at which it ends."""

    def redeem(self, ticket: str) -> Viewer:
        """Who the ticket was issued to; it is gone afterwards. Raises TicketRefused."""

    def add(self, connection: str, viewer: Viewer) -> None: ...

    def viewer(self, connection: str) -> Viewer | None: ...

    def subscribe(self, connection: str, topic: str) -> None: ...

    def remove(self, connection: str) -> None: ...

    def listeners(self, topic: str) -> list[str]:
        """Connections that listen to the topic."""


class DynamoConnections:
    """Tickets share the table: both are short-lived and found by one key. Only a ticket's hash is stored."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, clock: Clock = now_s) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._clock = clock

    def issue_ticket(self, viewer: Viewer) -> tuple[str, int]:
        ticket = secrets.token_urlsafe(24)
        ends = int(self._clock()) + TICKET_S
        self._put(_ticket_key(ticket), viewer, ends)
        return ticket, ends

    def redeem(self, ticket: str) -> Viewer:
        answer = self._dynamodb.delete_item(
            TableName=self._table,
            Key={"connection": {"S": _ticket_key(ticket)}},
            ReturnValues="ALL_OLD",
        )
        item = answer.get("Attributes")
        # TTL deletes late, so the time is checked here.
        if not item or int(item["ttl"]["N"]) <= self._clock():
            raise TicketRefused("the ticket is unknown, used or older than 30 seconds")
        return _viewer(item)

    def add(self, connection: str, viewer: Viewer) -> None:
        self._put(connection, viewer, int(self._clock()) + CONNECTION_S)

    def viewer(self, connection: str) -> Viewer | None:
        key = {"connection": {"S": connection}}
        item = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return _viewer(item) if item else None

    def subscribe(self, connection: str, topic: str) -> None:
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key={"connection": {"S": connection}},
                UpdateExpression="SET topic = :topic",
                ConditionExpression="attribute_exists(#connection)",  # not after $disconnect
                ExpressionAttributeNames={"#connection": "connection"},
                ExpressionAttributeValues={":topic": {"S": topic}},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    def remove(self, connection: str) -> None:
        self._dynamodb.delete_item(TableName=self._table, Key={"connection": {"S": connection}})

    def listeners(self, topic: str) -> list[str]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=TOPIC_INDEX,
            KeyConditionExpression="topic = :topic",
            ExpressionAttributeValues={":topic": {"S": topic}},
        )
        return [item["connection"]["S"] for page in pages for item in page["Items"]]

    def _put(self, key: str, viewer: Viewer, ttl: int) -> None:
        self._dynamodb.put_item(
            TableName=self._table,
            Item={
                "connection": {"S": key},
                "fleet": {"S": viewer.fleet},
                "user": {"S": viewer.user},
                "role": {"S": viewer.role},
                "ttl": {"N": str(ttl)},
            },
        )


def fleet_topic(fleet: str) -> str:
    return f"fleet/{fleet}"


def tasks_topic(fleet: str) -> str:
    """Of couriers: tasks that open and go. Nobody's position and nobody's trip."""
    return f"tasks/{fleet}"


def topic_of(viewer: Viewer) -> str:
    """What a viewer of this role may listen to."""
    return fleet_topic(viewer.fleet) if viewer.watches else tasks_topic(viewer.fleet)


def _ticket_key(ticket: str) -> str:
    return "ticket/" + hashlib.sha256(ticket.encode()).hexdigest()


def _viewer(item: Any) -> Viewer:
    return Viewer(item["fleet"]["S"], item["user"]["S"], item["role"]["S"])
