"""A fleet's webhooks: where events are sent, in the tasks table; what they are signed with, in SSM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from botocore.exceptions import ClientError

from storage.items import condition_failed, pack, unpack
from storage.tasks.rows import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ssm import SSMClient

HOOK = "hook/"
State = Literal["on", "failing", "off"]
"""failing: an event was given up, others are still sent; off: its server said 410 Gone."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """events: types such as `alert.raised`. changed_ms: of url, events or secret [ms, Unix]; failed_ms: of
    the newest failure that counted; failure: what it was.
    """

    fleet: str
    name: str
    url: str
    events: tuple[str, ...]
    changed_ms: int
    state: State = "on"
    failed_ms: int | None = None
    failure: str | None = None


class WebhookStore(Protocol):
    def all(self, fleet: str) -> list[Webhook]:
        """By name."""

    def get(self, fleet: str, name: str) -> Webhook | None: ...

    def put(self, webhook: Webhook) -> None: ...

    def remove(self, fleet: str, name: str) -> None: ...

    def mark(self, webhook: Webhook, state: State, failed_ms: int | None, failure: str | None) -> None:
        """What has become of it; nothing where it was changed or removed since it was read."""


class Secrets(Protocol):
    def get(self, fleet: str, name: str) -> str | None: ...

    def put(self, fleet: str, name: str, secret: str) -> None: ...

    def remove(self, fleet: str, name: str) -> None: ...


class DynamoWebhooks:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def all(self, fleet: str) -> list[Webhook]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="fleet = :fleet AND begins_with(#item, :hooks)",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues=pack({":fleet": fleet, ":hooks": HOOK}),
            ConsistentRead=True,
        )
        return [_webhook(unpack(item)) for page in pages for item in page["Items"]]

    def get(self, fleet: str, name: str) -> Webhook | None:
        found = self._dynamodb.get_item(TableName=self._table, Key=_key(fleet, name), ConsistentRead=True)
        return _webhook(unpack(found["Item"])) if "Item" in found else None

    def put(self, webhook: Webhook) -> None:
        it = webhook
        row: dict[str, Any] = {"fleet": it.fleet, "item": HOOK + it.name, "kind": "webhook", "url": it.url}
        row |= {"events": list(it.events), "changed_ms": it.changed_ms, "hook_state": it.state}
        row |= {"failed_ms": it.failed_ms, "failure": it.failure}
        self._dynamodb.put_item(TableName=self._table, Item=pack(row))

    def remove(self, fleet: str, name: str) -> None:
        self._dynamodb.delete_item(TableName=self._table, Key=_key(fleet, name))

    def mark(self, webhook: Webhook, state: State, failed_ms: int | None, failure: str | None) -> None:
        told = {":state": state, ":at": failed_ms, ":why": failure, ":read": webhook.changed_ms}
        put = ["hook_state = :state"] + (["failed_ms = :at", "failure = :why"] if failed_ms else [])
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=_key(webhook.fleet, webhook.name),
                UpdateExpression="SET " + ", ".join(put),
                ConditionExpression="changed_ms = :read",
                ExpressionAttributeValues=pack(told),
            )
        except ClientError as error:
            if not condition_failed(error):
                raise


def _key(fleet: str, name: str) -> dict[str, Any]:
    return pack({"fleet": fleet, "item": HOOK + name})


def _webhook(row: Mapping[str, Any]) -> Webhook:
    return Webhook(
        row["fleet"],
        row["item"].removeprefix(HOOK),
        row["url"],
        tuple(row["events"]),
        int(row["changed_ms"]),
        row["hook_state"],
        plain(row.get("failed_ms")),
        row.get("failure"),
    )


class SsmSecrets:
    """prefix: `/milepost/<stage>/webhooks`; a SecureString a webhook below it."""

    def __init__(self, ssm: SSMClient, prefix: str) -> None:
        self._ssm, self._prefix = ssm, prefix

    def get(self, fleet: str, name: str) -> str | None:
        try:
            found = self._ssm.get_parameter(Name=self._name(fleet, name), WithDecryption=True)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ParameterNotFound":
                return None
            raise
        return found["Parameter"]["Value"]

    def put(self, fleet: str, name: str, secret: str) -> None:
        where = self._name(fleet, name)
        self._ssm.put_parameter(Name=where, Value=secret, Type="SecureString", Overwrite=True)

    def remove(self, fleet: str, name: str) -> None:
        try:
            self._ssm.delete_parameter(Name=self._name(fleet, name))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ParameterNotFound":
                raise

    def _name(self, fleet: str, name: str) -> str:
        return f"{self._prefix}/{fleet}/{name}"
