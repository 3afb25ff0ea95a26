from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geo.preview.limits import PACE, Pace
from stacks.tasks.routes.drafts import Drafting
from stacks.tasks.routes.publish import Routes
from storage.aws import client
from storage.catalog import DynamoCatalog, S3Lines
from storage.damage import Log, told
from storage.drafts import DynamoDrafts, S3Drawings
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    routes_table: str
    data_bucket: str
    pace: Pace = PACE

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        pace = Pace(float(required(env, "RIDE_SPEED_MPS")), float(required(env, "STOP_DWELL_S")))
        return cls(required(env, "ROUTES_TABLE"), required(env, "DATA_BUCKET"), pace)


@dataclass(frozen=True, slots=True)
class Wiring:
    routes: Routes
    drafts: Drafting


def build(env: Mapping[str, str], log: Log) -> Wiring:
    settings = Settings.from_env(env)
    dynamodb, s3 = client("dynamodb"), client("s3")
    catalog = DynamoCatalog(dynamodb, settings.routes_table, told(log))
    routes = Routes(catalog, S3Lines(s3, settings.data_bucket))
    drafts = DynamoDrafts(dynamodb, settings.routes_table, told(log))
    drawings = S3Drawings(s3, settings.data_bucket)
    return Wiring(routes, Drafting(drafts, drawings, routes, catalog, settings.pace))
