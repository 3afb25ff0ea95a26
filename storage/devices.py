"""The devices table: a phone's key, kept only as its hash, and whose phone it is."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from storage.items import pack, unpack, whole

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FLEET_INDEX = "fleet-index"


@dataclass(frozen=True, slots=True)
class Device:
    """created_at, revoked_at: Unix seconds. suspended: its key is not taken while this is so."""

    key_hash: str
    fleet: str
    courier: str
    device: str
    name: str
    created_at: int
    revoked_at: int | None = None
    suspended: bool = False


class DeviceStore(Protocol):
    def find(self, key: str) -> Device | None:
        """The device that holds the key; None when it is unknown, revoked or suspended."""

    def add(self, device: Device) -> None: ...

    def get(self, fleet: str, device: str) -> Device | None:
        """By its id, revoked or not."""

    def all(self, fleet: str) -> list[Device]:
        """Those that are not revoked, oldest first."""

    def revoke(self, device: Device, at: int) -> None:
        """Again changes nothing."""


def key_hash(key: str) -> str:
    """Hex SHA-256. A key carries 190 bits of chance, so that it needs no salt and no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()


class DynamoDevices:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def find(self, key: str) -> Device | None:
        # Consistent: OwnTracks on iOS drops what is answered 401, also that of a key made a moment ago.
        found = self._dynamodb.get_item(
            TableName=self._table, Key=pack({"key_hash": key_hash(key)}), ConsistentRead=True
        )
        device = _device(found["Item"]) if "Item" in found else None
        return device if device and device.revoked_at is None and not device.suspended else None

    def add(self, device: Device) -> None:
        self._dynamodb.put_item(
            TableName=self._table,
            Item=pack(asdict(device)),
            ConditionExpression="attribute_not_exists(key_hash)",
        )

    def get(self, fleet: str, device: str) -> Device | None:
        found = self._dynamodb.query(
            TableName=self._table,
            IndexName=FLEET_INDEX,
            KeyConditionExpression="fleet = :fleet AND device = :device",
            ExpressionAttributeValues=pack({":fleet": fleet, ":device": device}),
        )["Items"]
        return _device(found[0]) if found else None

    def all(self, fleet: str) -> list[Device]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=FLEET_INDEX,
            KeyConditionExpression="fleet = :fleet",
            FilterExpression="attribute_not_exists(revoked_at)",
            ExpressionAttributeValues=pack({":fleet": fleet}),
        )
        return [_device(item) for page in pages for item in page["Items"]]

    def revoke(self, device: Device, at: int) -> None:
        self._dynamodb.update_item(
            TableName=self._table,
            Key=pack({"key_hash": device.key_hash}),
            UpdateExpression="SET revoked_at = if_not_exists(revoked_at, :at)",
            ConditionExpression="attribute_exists(key_hash)",
            ExpressionAttributeValues=pack({":at": at}),
        )


def _device(item: Any) -> Device:
    row = unpack(item)
    row["created_at"] = int(row["created_at"])
    row["revoked_at"] = whole(row.get("revoked_at"))
    return Device(**row)
