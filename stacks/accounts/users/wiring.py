from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stacks.accounts.users.enrol import Users
from storage.aws import client
from storage.users import DynamoUsers
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    users_table: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(required(env, "USERS_TABLE"))


def build(env: Mapping[str, str]) -> Users:
    return Users(DynamoUsers(client("dynamodb"), Settings.from_env(env).users_table))
