"""The users table: who may sign in, as what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from storage.items import pack, transact, unpack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class User:
    """tags: what an admin said that they can do, or have. generation: how often what their tokens stand for
    (role, password, whether they are disabled) was changed.
    """

    fleet: str
    user: str
    role: str
    name: str
    tags: tuple[str, ...] = ()
    disabled: bool = False
    generation: int = 0

    @property
    def rides(self) -> bool:
        """Whether they may have trips and phones."""
        return self.role == "courier" and not self.disabled

    @property
    def in_charge(self) -> bool:
        """Whether they are an admin in use."""
        return self.role == "admin" and not self.disabled


@dataclass(frozen=True, slots=True)
class Account:
    """password: its scrypt record, never the password."""

    user: User
    password: str = field(repr=False)
    created_ms: int


class People(Protocol):
    def who(self, fleet: str, user: str) -> User | None:
        """Read consistently, and without the password's record."""


class UserStore(People, Protocol):
    def find(self, fleet: str, user: str) -> Account | None:
        """Read consistently: who was disabled a moment ago gets no token."""

    def add(self, account: Account, keeper: User | None = None) -> bool:
        """False, and nothing changed, when the name is taken or the keeper is no longer as it was read."""

    def all(self, fleet: str) -> list[User]:
        """By name."""


class DynamoUsers:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def find(self, fleet: str, user: str) -> Account | None:
        key = pack({"fleet": fleet, "user": user})
        found = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        if "Item" not in found:
            return None
        row = unpack(found["Item"])
        return Account(_user(fleet, row), row["password"], int(row["created_ms"]))

    def who(self, fleet: str, user: str) -> User | None:
        found = self._dynamodb.get_item(
            TableName=self._table,
            Key=pack({"fleet": fleet, "user": user}),
            ConsistentRead=True,
            ProjectionExpression=", ".join(_NAMES),
            ExpressionAttributeNames=_NAMES,
        )
        return _user(fleet, unpack(found["Item"])) if "Item" in found else None

    def add(self, account: Account, keeper: User | None = None) -> bool:
        who = account.user
        row: dict[str, Any] = {"fleet": who.fleet, "user": who.user, "role": who.role, "name": who.name}
        row |= {"password": account.password, "created_ms": account.created_ms}
        row |= {"tags": list(who.tags) or None}
        new = {"ConditionExpression": "attribute_not_exists(fleet)"}
        parts: list[Any] = [{"Put": {"TableName": self._table, "Item": pack(row)} | new}]
        if keeper:
            parts.append({"ConditionCheck": as_read(self._table, keeper)})
        return transact(self._dynamodb, parts)

    def all(self, fleet: str) -> list[User]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="fleet = :fleet",
            ProjectionExpression=", ".join(_NAMES),
            ExpressionAttributeNames=_NAMES,
            ExpressionAttributeValues=pack({":fleet": fleet}),
        )
        return [_user(fleet, unpack(item)) for page in pages for item in page["Items"]]


def as_read(table: str, user: User) -> dict[str, Any]:
    """The row, if role and disabled are as they were read: they change with the generation only."""
    none = "attribute_not_exists(#generation) OR " if user.generation == 0 else ""
    return {
        "TableName": table,
        "Key": pack({"fleet": user.fleet, "user": user.user}),
        "ConditionExpression": f"attribute_exists(fleet) AND ({none}#generation = :read)",
        "ExpressionAttributeNames": {"#generation": "generation"},
        "ExpressionAttributeValues": pack({":read": user.generation}),
    }


_NAMES = {f"#{name}": name for name in ("user", "role", "name", "tags", "disabled", "generation")}
"""All but the password's record; a function may have a grant for no more."""


def _user(fleet: str, row: Mapping[str, Any]) -> User:
    return User(
        fleet, row["user"], row["role"], row["name"], tuple(row.get("tags", ())),
        row.get("disabled", False), int(row.get("generation", 0)),
    )  # fmt: skip
