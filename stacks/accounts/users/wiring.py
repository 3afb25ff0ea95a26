from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from stacks.accounts.users.change import Changes
from stacks.accounts.users.enrol import Users
from storage.aws import backoff, client
from storage.devices import DynamoDevices
from storage.user_changes import DynamoUserChanges
from storage.users import DynamoUsers
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    users_table: str
    devices_table: str
    revocations_table: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(*(required(env, name) for name in ("USERS_TABLE", "DEVICES_TABLE", "REVOCATIONS_TABLE")))


class Wiring(NamedTuple):
    users: Users
    changes: Changes


def build(env: Mapping[str, str]) -> Wiring:
    settings, dynamodb = Settings.from_env(env), client("dynamodb")
    tables = (settings.users_table, settings.devices_table, settings.revocations_table)
    users, devices = DynamoUsers(dynamodb, tables[0]), DynamoDevices(dynamodb, tables[1])
    changes = Changes(users, devices, DynamoUserChanges(dynamodb, *tables), tries=backoff)
    return Wiring(Users(users, tries=backoff), changes)
