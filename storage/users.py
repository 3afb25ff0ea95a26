"""The users table: who may sign in, as what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from storage.items import condition_failed, pack, unpack

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

    def add(self, account: Account) -> bool:
        """False, and nothing changed, when the name is taken."""

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

    def add(self, account: Account) -> bool:
        who = account.user
        row: dict[str, Any] = {"fleet": who.fleet, "user": who.user, "role": who.role, "name": who.name}
        row |= {"password": account.password, "created_ms": account.created_ms}
        row |= {"tags": list(who.tags) or None}
        try:
            self._dynamodb.put_item(
                TableName=self._table, Item=pack(row), ConditionExpression="attribute_not_exists(fleet)"
            )
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    def all(self, fleet: str) -> list[User]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="fleet = :fleet",
            ProjectionExpression=", ".join(_NAMES),
            ExpressionAttributeNames=_NAMES,
            ExpressionAttributeValues=pack({":fleet": fleet}),
        )
        return [_user(fleet, unpack(item)) for page in pages for item in page["Items"]]


_NAMES = {f"#{name}": name for name in ("user", "role", "name", "tags", "disabled", "generation")}
"""All but the password's record; a function may have a grant for no more."""


def _user(fleet: str, row: Mapping[str, Any]) -> User:
    return User(
        fleet, row["user"], row["role"], row["name"], tuple(row.get("tags", ())),
        row.get("disabled", False), int(row.get("generation", 0)),
    )  # fmt: skip
