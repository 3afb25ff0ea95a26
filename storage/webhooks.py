"""A fleet's webhooks: where events are sent, in the tasks table; what they are signed with, in SSM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec
from botocore.exceptions import ClientError

from storage.damage import OnDamage, readable, refuse, sound
from storage.items import condition_failed, pack, unpack
from storage.queries import below, every
from storage.tasks.rows import plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ssm import SSMClient

HOOK, BUSY = "hook/", "busy_"
State = Literal["on", "failing", "off"]
"""failing: it has taken nothing for a while, and is tried now and then; off: nothing is sent to it."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where to send what, and how it fares; times [ms, Unix]. events: types such as `alert.raised`.
    changed_ms: of url, events or secret. failures: in a row, since failing_ms; failed_ms, failure: when the
    newest was, and what. slow: how its newest answer was. next_ms: nothing is sent to it before.
    busy: until when each place for a request to it is somebody's.
    """

    fleet: str
    name: str
    url: str
    events: tuple[str, ...]
    changed_ms: int
    state: State = "on"
    failed_ms: int | None = None
    failure: str | None = None
    succeeded_ms: int | None = None
    failures: int = 0
    failing_ms: int | None = None
    slow: bool = False
    next_ms: int | None = None
    busy: Mapping[int, int] = field(default_factory=dict)

    @property
    def well(self) -> bool:
        """Whether its newest delivery was taken."""
        return self.state == "on" and not self.failures


class WebhookStore(Protocol):
    def all(self, fleet: str) -> list[Webhook]:
        """By name."""

    def get(self, fleet: str, name: str) -> Webhook | None: ...

    def add(self, webhook: Webhook) -> bool:
        """False, and nothing changed, where there is one of its name."""

    def put(self, webhook: Webhook) -> None:
        """As it is said: with this health, and all its places free."""

    def remove(self, fleet: str, name: str) -> None: ...

    def take(self, webhook: Webhook, place: int, now_ms: int, until_ms: int) -> Webhook | None:
        """Take one of the places that there are for requests to it, until it is told or the time is over.
        Returns how it fares by then; None where somebody has the place, or the webhook was changed, removed
        or switched off since it was read.
        """

    def tell(self, webhook: Webhook, place: int) -> None:
        """How it fares now, and the place is free; nothing where it was changed, removed or switched off
        since it was read. failing_ms stays that of the first failure, unless somebody told of a success; a
        success leaves the newest failure as somebody told it, and a failure the newest success.
        """


class Secrets(Protocol):
    def get(self, fleet: str, name: str) -> str | None: ...

    def put(self, fleet: str, name: str, secret: str) -> None: ...

    def remove(self, fleet: str, name: str) -> None: ...


class DynamoWebhooks:
    """damaged: what becomes of a row in a list that cannot be read."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, damaged: OnDamage = refuse) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._damaged = damaged

    def all(self, fleet: str) -> list[Webhook]:
        found = every(self._dynamodb, below(self._table, fleet, HOOK))
        return list(readable(found, _webhook, self._damaged))

    def get(self, fleet: str, name: str) -> Webhook | None:
        found = self._dynamodb.get_item(TableName=self._table, Key=_key(fleet, name), ConsistentRead=True)
        return sound(unpack(found["Item"]), _webhook) if "Item" in found else None

    def add(self, webhook: Webhook) -> bool:
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item=pack(hook_row(webhook)),
                ConditionExpression="attribute_not_exists(fleet)",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return False
        return True

    def put(self, webhook: Webhook) -> None:
        self._dynamodb.put_item(TableName=self._table, Item=pack(hook_row(webhook)))

    def remove(self, fleet: str, name: str) -> None:
        self._dynamodb.delete_item(TableName=self._table, Key=_key(fleet, name))

    def take(self, webhook: Webhook, place: int, now_ms: int, until_ms: int) -> Webhook | None:
        return self._update(
            webhook,
            "SET #place = :until",
            "hook_state <> :off AND (attribute_not_exists(#place) OR #place < :now)",
            {"#place": f"{BUSY}{place}"},
            {":until": until_ms, ":now": now_ms, ":off": "off"},
        )

    def tell(self, webhook: Webhook, place: int) -> None:
        known = _health(webhook)
        others = {"failed_ms", "failure"} if webhook.well else {"succeeded_ms"}
        known = {name: value for name, value in known.items() if name not in others}
        put = [f"{name} = :{name}" for name in known]
        if "failing_ms" in known:
            put[list(known).index("failing_ms")] = "failing_ms = if_not_exists(failing_ms, :failing_ms)"
        gone = ["#place", *(name for name in _HEALTH if name not in {*known, *others})]
        self._update(
            webhook,
            f"SET {', '.join(put)} REMOVE {', '.join(gone)}",
            "hook_state <> :off",
            {"#place": f"{BUSY}{place}"},
            {f":{name}": value for name, value in known.items()} | {":off": "off"},
        )

    def _update(
        self, webhook: Webhook, change: str, condition: str, names: dict[str, str], values: dict[str, Any]
    ) -> Webhook | None:
        try:
            done = self._dynamodb.update_item(
                TableName=self._table,
                Key=_key(webhook.fleet, webhook.name),
                UpdateExpression=change,
                ConditionExpression=f"changed_ms = :read AND {condition}",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=pack(values | {":read": webhook.changed_ms}),
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return None
        return _webhook(unpack(done["Attributes"]))


_HEALTH = {
    "hook_state": "state", "failed_ms": "failed_ms", "failure": "failure", "succeeded_ms": "succeeded_ms",
    "failures": "failures", "failing_ms": "failing_ms", "slow": "slow", "next_ms": "next_ms",
}  # fmt: skip
"""Attributes, each with its field."""


def hook_row(it: Webhook) -> dict[str, Any]:
    row: dict[str, Any] = {"fleet": it.fleet, "item": HOOK + it.name, "kind": "webhook", "url": it.url}
    return row | {"events": list(it.events), "changed_ms": it.changed_ms} | _health(it)


def _health(it: Webhook) -> dict[str, Any]:
    found = {name: getattr(it, its) for name, its in _HEALTH.items()}
    return {name: value for name, value in found.items() if value is not None}


def _key(fleet: str, name: str) -> dict[str, Any]:
    return pack({"fleet": fleet, "item": HOOK + name})


def _webhook(row: Mapping[str, Any]) -> Webhook:
    """Raises whatever it meets in a row that is damaged."""
    found = {name: plain(row[name]) for name in ("fleet", "url", "events", "changed_ms")}
    found |= {its: plain(row[name]) for name, its in _HEALTH.items() if name in row}
    busy = {int(name.removeprefix(BUSY)): int(row[name]) for name in row if name.startswith(BUSY)}
    return msgspec.convert(found | {"name": row["item"].removeprefix(HOOK), "busy": busy}, Webhook)


def webhook_of_image(image: Mapping[str, Any]) -> Webhook:
    """From the typed NewImage or OldImage of the table's stream, of an item whose `kind` is webhook."""
    return _webhook(unpack(image))


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
