from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stacks.tasks.moves import Moves
from stacks.tasks.photos.photos import Photos
from storage.aws import backoff, client
from storage.damage import Log, told
from storage.downloads import signing_client
from storage.photos import DynamoPhotos, S3Photos
from storage.tasks import DynamoTasks
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    tasks_table: str
    data_bucket: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(required(env, "TASKS_TABLE"), required(env, "DATA_BUCKET"))


def build(env: Mapping[str, str], log: Log) -> Photos:
    settings, dynamodb = Settings.from_env(env), client("dynamodb")
    moves = Moves(DynamoTasks(dynamodb, settings.tasks_table), backoff)
    files = S3Photos(signing_client(), settings.data_bucket)
    return Photos(moves, DynamoPhotos(dynamodb, settings.tasks_table, told(log)), files)
