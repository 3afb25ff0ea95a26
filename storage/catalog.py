"""Published routes: a row in the routes table, the compiled route and its drawing in the data bucket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from geo.arrival import Stop
from geo.route import CompiledRoute
from storage.items import pack, unpack
from storage.routes import S3Routes, route_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Route:
    """One version of a route; it never changes. start: where its line begins, [lon, lat]."""

    fleet: str
    id: str
    version: int
    name: str
    length_m: float
    created_ms: int
    stops: tuple[Stop, ...] = ()
    start: tuple[float, float] | None = None

    @property
    def route(self) -> str:
        """The reference used everywhere else: `lap@1`."""
        return f"{self.id}@{self.version}"


class Catalog(Protocol):
    def next_version(self, fleet: str, route_id: str) -> int:
        """A number that nobody else gets. One that is not used then stays a gap."""

    def add(self, route: Route) -> None:
        """After its lines are saved, so that whoever sees the row finds them."""

    def get(self, fleet: str, route: str) -> Route | None: ...

    def all(self, fleet: str) -> list[Route]: ...


class Lines(Protocol):
    def save(self, route: Route, compiled: CompiledRoute, drawn: bytes) -> None:
        """drawn: GeoJSON geometry."""

    def drawn(self, route: Route) -> bytes:
        """The GeoJSON geometry as it was published."""


class S3Lines:
    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def save(self, route: Route, compiled: CompiledRoute, drawn: bytes) -> None:
        S3Routes(self._s3, self._bucket).save(route.fleet, route.route, compiled)
        self._s3.put_object(
            Bucket=self._bucket, Key=_drawn_key(route), Body=drawn, ContentType="application/geo+json"
        )

    def drawn(self, route: Route) -> bytes:
        return self._s3.get_object(Bucket=self._bucket, Key=_drawn_key(route))["Body"].read()


class DynamoCatalog:
    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def next_version(self, fleet: str, route_id: str) -> int:
        # A row without a version in its key counts; it has no length, so that no list shows it.
        counted = self._dynamodb.update_item(
            TableName=self._table,
            Key=pack({"fleet": fleet, "route": route_id}),
            UpdateExpression="ADD versions :one",
            ExpressionAttributeValues=pack({":one": 1}),
            ReturnValues="UPDATED_NEW",
        )
        return int(unpack(counted["Attributes"])["versions"])

    def add(self, route: Route) -> None:
        row: dict[str, str | int] = {
            "fleet": route.fleet,
            "route": route.route,
            "name": route.name,
            "length_mm": round(route.length_m * 1000),
            "created_ms": route.created_ms,
        }
        if route.stops:
            row["stops"] = orjson.dumps([list(stop) for stop in route.stops]).decode()
        if route.start:
            row["start"] = orjson.dumps(route.start).decode()
        self._dynamodb.put_item(
            TableName=self._table,
            Item=pack(row),
            ConditionExpression="attribute_not_exists(fleet)",
        )

    def get(self, fleet: str, route: str) -> Route | None:
        found = self._dynamodb.get_item(
            TableName=self._table, Key=pack({"fleet": fleet, "route": route}), ConsistentRead=True
        )
        return _route(found["Item"]) if "length_mm" in found.get("Item", {}) else None

    def all(self, fleet: str) -> list[Route]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="fleet = :fleet",
            FilterExpression="attribute_exists(length_mm)",
            ExpressionAttributeValues=pack({":fleet": fleet}),
            ConsistentRead=True,
        )
        routes = [_route(item) for page in pages for item in page["Items"]]
        return sorted(routes, key=lambda route: (route.id, route.version))


def _drawn_key(route: Route) -> str:
    return route_key(route.fleet, route.route) + ".geojson"


def _route(item: Any) -> Route:
    row = unpack(item)
    route_id, _, version = row["route"].partition("@")
    length_m, created_ms = int(row["length_mm"]) / 1000, int(row["created_ms"])
    stops = tuple(Stop(*stop) for stop in orjson.loads(row.get("stops", "[]")))
    start = tuple(orjson.loads(row["start"])) if "start" in row else None
    return Route(row["fleet"], route_id, int(version), row["name"], length_m, created_ms, stops, start)
