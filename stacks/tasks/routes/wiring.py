from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stacks.tasks.routes.publish import Routes
from storage.aws import client
from storage.catalog import DynamoCatalog, S3Lines
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    routes_table: str
    data_bucket: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(required(env, "ROUTES_TABLE"), required(env, "DATA_BUCKET"))


def build(env: Mapping[str, str]) -> Routes:
    settings = Settings.from_env(env)
    catalog = DynamoCatalog(client("dynamodb"), settings.routes_table)
    return Routes(catalog, S3Lines(client("s3"), settings.data_bucket))
