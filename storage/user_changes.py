"""What changes with a user, in one transaction: its row, its phones, and whether its older tokens count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from storage.devices import Device
from storage.items import pack, transact
from storage.revocations import revocation
from storage.users import User, as_read

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_PHONES = 97
"""Beside them stand the user, another admin and the revocation: a transaction has 100 parts at most."""


@dataclass(frozen=True, slots=True)
class UserChange:
    """before: as it was read. password: its new record. keeper: an admin who must be one still. phones:
    those to be suspended, or taken again, as `after` may have phones. at: Unix seconds.
    """

    before: User
    after: User
    password: str | None = field(repr=False)
    keeper: User | None
    phones: Sequence[Device]
    at: float


class UserChanges(Protocol):
    def write(self, change: UserChange) -> bool:
        """False, and nothing changed, when the user or the keeper is no longer as it was read."""


class DynamoUserChanges:
    def __init__(self, dynamodb: DynamoDBClient, users: str, devices: str, revocations: str) -> None:
        self._dynamodb = dynamodb
        self._users, self._devices, self._revocations = users, devices, revocations

    def write(self, change: UserChange) -> bool:
        before, after, keeper = change.before, change.after, change.keeper
        parts = [self._user(change)]
        parts += [self._phone(phone, suspended=not after.rides) for phone in change.phones]
        if keeper:
            parts.append({"ConditionCheck": as_read(self._users, keeper)})
        if after.generation > before.generation:
            row = revocation(after.fleet, after.user, after.generation, change.at)
            parts.append({"Put": {"TableName": self._revocations, "Item": pack(row)}})
        return transact(self._dynamodb, parts)

    def _user(self, change: UserChange) -> dict[str, Any]:
        before, after = asdict(change.before), asdict(change.after)
        row = {name: value for name, value in after.items() if value != before[name]}
        row |= {"generation": after["generation"]}
        row |= {"password": change.password} if change.password else {}
        update = as_read(self._users, change.before)
        update["UpdateExpression"] = "SET " + ", ".join(f"#{name} = :{name}" for name in row)
        update["ExpressionAttributeNames"] |= {f"#{name}": name for name in row}
        update["ExpressionAttributeValues"] |= pack({f":{name}": value for name, value in row.items()})
        return {"Update": update}

    def _phone(self, phone: Device, *, suspended: bool) -> dict[str, Any]:
        return {
            "Update": {
                "TableName": self._devices,
                "Key": pack({"key_hash": phone.key_hash}),
                "ConditionExpression": "attribute_exists(key_hash)",
                "UpdateExpression": "SET suspended = :suspended",
                "ExpressionAttributeValues": pack({":suspended": suspended}),
            }
        }
