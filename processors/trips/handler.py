"""GET /v1/trips/{trip} and GET /v1/trips/{trip}/track."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from processors.trips import asked
from processors.trips.download import download
from processors.trips.files import shown
from processors.trips.reading import TripReader
from storage.aws import client
from storage.downloads import S3Downloads, signing_client
from storage.history import DynamoHistory
from storage.live import DynamoLive
from storage.settlements import DynamoSettlements
from telemetry.api import Request, Response, answer, reply
from telemetry.names import PEOPLE
from telemetry.settings import required

log = Logger()


@dataclass(frozen=True, slots=True)
class Settings:
    trips_table: str
    live_table: str
    history_table: str
    data_bucket: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        names = ("TRIPS_TABLE", "LIVE_TABLE", "HISTORY_TABLE", "DATA_BUCKET")
        return cls(*(required(env, name) for name in names))


@cache
def wire() -> TripReader:
    settings, dynamodb = Settings.from_env(os.environ), client("dynamodb")
    return TripReader(
        DynamoSettlements(dynamodb, settings.trips_table),
        DynamoLive(dynamodb, settings.live_table),
        DynamoHistory(dynamodb, settings.history_table),
        S3Downloads(signing_client(), settings.data_bucket),
        log,
    )


def trip(reader: TripReader, request: Request) -> Response:
    standing = reader.standing(request.caller().require(*PEOPLE), request.path["trip"])
    return reply(200, reader.told(standing, request.clock()))


def track(reader: TripReader, request: Request) -> Response:
    standing = reader.standing(request.caller().require(*PEOPLE), request.path["trip"])
    form = asked.form(request)
    if form == "json":
        pings, following = reader.page(standing, asked.after(request), asked.limit(request))
        return reply(200, {"pings": [shown(s) for s in pings], "next": following and asked.cursor(following)})
    return download(reader, standing, form)


ENDPOINTS = {"GET /v1/trips/{trip}": trip, "GET /v1/trips/{trip}/track": track}


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wire(), request), event, log)
