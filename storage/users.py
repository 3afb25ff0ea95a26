"""The users table: who may sign in, as what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from storage.items import condition_failed, pack, unpack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class User:
    fleet: str
    user: str
    role: str
    name: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """password: its scrypt record, never the password."""

    user: User
    password: str = field(repr=False)
    created_ms: int


class UserStore(Protocol):
    def find(self, fleet: str, user: str) -> Account | None: ...

    def add(self, account: Account) -> bool:
        """False, and nothing changed, when the name is taken."""

    def all(self, fleet: str) -> list[User]:
        """By name."""


class DynamoUsers:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def find(self, fleet: str, user: str) -> Account | None:
        found = self._dynamodb.get_item(TableName=self._table, Key=pack({"fleet": fleet, "user": user}))
        if "Item" not in found:
            return None
        row = unpack(found["Item"])
        who = User(row["fleet"], row["user"], row["role"], row["name"], tuple(row.get("tags", ())))
        return Account(who, row["password"], int(row["created_ms"]))

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
            ProjectionExpression="#user, #role, #name, #tags",
            ExpressionAttributeNames={"#user": "user", "#role": "role", "#name": "name", "#tags": "tags"},
            ExpressionAttributeValues=pack({":fleet": fleet}),
        )
        rows = [unpack(item) for page in pages for item in page["Items"]]
        return [
            User(fleet, row["user"], row["role"], row["name"], tuple(row.get("tags", ()))) for row in rows
        ]
