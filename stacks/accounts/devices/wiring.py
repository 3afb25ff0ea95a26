from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stacks.accounts.devices.register import Devices
from storage.aws import client
from storage.devices import DynamoDevices
from storage.users import DynamoUsers
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    """pipeline_url: where phones upload, without a slash at its end."""

    devices_table: str
    users_table: str
    pipeline_url: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        url = required(env, "PIPELINE_URL").rstrip("/")
        return cls(required(env, "DEVICES_TABLE"), required(env, "USERS_TABLE"), url)


def build(env: Mapping[str, str]) -> tuple[Devices, str]:
    settings = Settings.from_env(env)
    dynamodb = client("dynamodb")
    devices, users = (
        DynamoDevices(dynamodb, settings.devices_table),
        DynamoUsers(dynamodb, settings.users_table),
    )
    return Devices(devices, users), settings.pipeline_url
