"""Published routes: a row in the routes table, the compiled route and its drawing in the data bucket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from geo.arrival import Stop
from geo.hours import Hours
from geo.route import CompiledRoute
from storage.damage import OnDamage, readable, refuse, sound
from storage.items import pack, unpack, whole
from storage.queries import every
from storage.routes import S3Routes, route_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Route:
    """One version of a route. It never changes, but that it is retired one day: no new task is made on it
    then. start: where its line begins, [lon, lat]; hours: of the stops, in their order, in the local time of
    `time_zone`; none at all where no stop has some.
    """

    fleet: str
    id: str
    version: int
    name: str
    length_m: float
    created_ms: int
    stops: tuple[Stop, ...] = ()
    start: tuple[float, float] | None = None
    hours: tuple[Hours | None, ...] = ()
    time_zone: str | None = None
    retired_ms: int | None = None

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

    def all(self, fleet: str, route_id: str | None = None) -> list[Route]:
        """By id and version; those of one id, or of all."""

    def retire(self, route: Route, at_ms: int) -> Route:
        """As it stands then: who was first has set the time."""


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
    """damaged: what becomes of a row in a list that cannot be read."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, damaged: OnDamage = refuse) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._damaged = damaged

    def next_version(self, fleet: str, route_id: str) -> int:
        # A row without a version in its key counts; it has no length, so that no list shows it. The draft
        # stands in it too (storage/drafts.py).
        counted = self._dynamodb.update_item(
            TableName=self._table,
            Key=pack({"fleet": fleet, "route": route_id}),
            UpdateExpression="ADD versions :one",
            ExpressionAttributeValues=pack({":one": 1}),
            ReturnValues="UPDATED_NEW",
        )
        return int(unpack(counted["Attributes"])["versions"])

    def add(self, route: Route) -> None:
        self._dynamodb.put_item(**version_put(self._table, route))

    def get(self, fleet: str, route: str) -> Route | None:
        found = self._dynamodb.get_item(
            TableName=self._table, Key=pack({"fleet": fleet, "route": route}), ConsistentRead=True
        )
        return sound(unpack(found["Item"]), _route) if "length_mm" in found.get("Item", {}) else None

    def all(self, fleet: str, route_id: str | None = None) -> list[Route]:
        key, values = "fleet = :fleet", {":fleet": fleet}
        if route_id is not None:
            key, values = f"{key} AND begins_with(route, :id)", values | {":id": f"{route_id}@"}
        query = {
            "TableName": self._table,
            "KeyConditionExpression": key,
            "FilterExpression": "attribute_exists(length_mm)",
            "ExpressionAttributeValues": pack(values),
            "ConsistentRead": True,
        }
        # Of one route none is left out: who retires all of its versions would miss it.
        damaged = self._damaged if route_id is None else refuse
        routes = readable(every(self._dynamodb, query), _route, damaged)
        return sorted(routes, key=lambda route: (route.id, route.version))

    def retire(self, route: Route, at_ms: int) -> Route:
        changed = self._dynamodb.update_item(
            TableName=self._table,
            Key=pack({"fleet": route.fleet, "route": route.route}),
            UpdateExpression="SET retired_ms = if_not_exists(retired_ms, :at)",
            ConditionExpression="attribute_exists(length_mm)",
            ExpressionAttributeValues=pack({":at": at_ms}),
            ReturnValues="ALL_NEW",
        )
        return sound(unpack(changed["Attributes"]), _route)


def version_put(table: str, route: Route) -> Any:
    """The put of a version's row, alone or in a transaction."""
    row: dict[str, Any] = {
        "fleet": route.fleet,
        "route": route.route,
        "name": route.name,
        "length_mm": round(route.length_m * 1000),
        "created_ms": route.created_ms,
        "time_zone": route.time_zone,
        "stops": orjson.dumps([list(stop) for stop in route.stops]).decode() if route.stops else None,
        "start": orjson.dumps(route.start).decode() if route.start else None,
        "hours": orjson.dumps([it and list(it) for it in route.hours]).decode() if route.hours else None,
    }
    return {"TableName": table, "Item": pack(row), "ConditionExpression": "attribute_not_exists(fleet)"}


def _drawn_key(route: Route) -> str:
    return route_key(route.fleet, route.route) + ".geojson"


def _route(row: Mapping[str, Any]) -> Route:
    """Raises whatever it meets in a row that is damaged."""
    route_id, _, version = row["route"].partition("@")
    length_m, created_ms = int(row["length_mm"]) / 1000, int(row["created_ms"])
    stops = tuple(Stop(*stop) for stop in orjson.loads(row.get("stops", "[]")))
    start = tuple(orjson.loads(row["start"])) if "start" in row else None
    hours = tuple(Hours(*it) if it else None for it in orjson.loads(row.get("hours", "[]")))
    return Route(
        row["fleet"], route_id, int(version), row["name"], length_m, created_ms, stops=stops, start=start,
        hours=hours, time_zone=row.get("time_zone"), retired_ms=whole(row.get("retired_ms")),
    )  # fmt: skip
