"""Drafts of routes: one a route id, in the row that counts the id's versions; the drawing in the data bucket.

A drawing's key has its digest in it: it is written before the row that names it, and never changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from storage.catalog import Route, version_put
from storage.damage import OnDamage, readable, refuse, sound
from storage.items import condition_failed, pack, transact, unpack
from storage.queries import every

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Draft:
    """revision: grows with each change, and over deletion and publishing too, so that no number comes twice;
    length_m: None where the line can be no route yet; digest: of the drawing.
    """

    fleet: str
    id: str
    revision: int
    name: str
    length_m: float | None
    changed_ms: int
    changed_by: str
    digest: str


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a route id: its draft, if any, and what its last published draft became."""

    draft: Draft | None = None
    published_revision: int | None = None
    published_version: int | None = None


class DraftStore(Protocol):
    """Reads are consistent; what is written in the place of another revision than the present one is not."""

    def head(self, fleet: str, route_id: str) -> Head: ...

    def all(self, fleet: str) -> list[Draft]:
        """By id."""

    def put(self, draft: Draft, seen: int | None) -> Draft | None:
        """In the place of revision `seen`, None: of nothing. With its new revision; None: not written."""

    def delete(self, fleet: str, route_id: str, seen: int) -> bool: ...

    def publish(self, draft: Draft, route: Route) -> bool:
        """The draft becomes the version, in one transaction."""


class Drawings(Protocol):
    def keep(self, fleet: str, route_id: str, drawing: bytes) -> str:
        """drawing: GeoJSON; answers its digest."""

    def drawing(self, draft: Draft) -> bytes: ...


def digest_of(drawing: bytes) -> str:
    return hashlib.sha256(drawing).hexdigest()


class S3Drawings:
    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def keep(self, fleet: str, route_id: str, drawing: bytes) -> str:
        digest = digest_of(drawing)
        key = _key(fleet, route_id, digest)
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=drawing, ContentType="application/geo+json")
        return digest

    def drawing(self, draft: Draft) -> bytes:
        key = _key(draft.fleet, draft.id, draft.digest)
        return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()


class DynamoDrafts:
    """damaged: what becomes of a row in a list that cannot be read."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, damaged: OnDamage = refuse) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._damaged = damaged

    def head(self, fleet: str, route_id: str) -> Head:
        found = self._dynamodb.get_item(
            TableName=self._table, Key=pack({"fleet": fleet, "route": route_id}), ConsistentRead=True
        )
        row = unpack(found.get("Item", {}))
        return sound(row, _head) if row else Head()

    def all(self, fleet: str) -> list[Draft]:
        query = {
            "TableName": self._table,
            "KeyConditionExpression": "fleet = :fleet",
            "FilterExpression": "attribute_exists(draft)",
            "ExpressionAttributeValues": pack({":fleet": fleet}),
            "ConsistentRead": True,
        }
        drafts = readable(every(self._dynamodb, query), _draft, self._damaged)
        return [draft for draft in drafts if draft]

    def put(self, draft: Draft, seen: int | None) -> Draft | None:
        body = {
            "name": draft.name,
            "length_mm": None if draft.length_m is None else round(draft.length_m * 1000),
            "changed_ms": draft.changed_ms,
            "changed_by": draft.changed_by,
            "digest": draft.digest,
        }
        update = {
            "UpdateExpression": "SET draft = :draft, revision = if_not_exists(revision, :none) + :one",
            "ConditionExpression": "attribute_not_exists(draft)" if seen is None else _AS_SEEN,
            "ExpressionAttributeValues": pack(
                {":draft": {name: it for name, it in body.items() if it is not None}, ":none": 0, ":one": 1}
                | ({} if seen is None else {":seen": seen})
            ),
        }
        changed = self._update(draft.fleet, draft.id, update | {"ReturnValues": "ALL_NEW"})
        return _draft(changed) if changed else None

    def delete(self, fleet: str, route_id: str, seen: int) -> bool:
        update = {
            "UpdateExpression": "REMOVE draft",
            "ConditionExpression": _AS_SEEN,
            "ExpressionAttributeValues": pack({":seen": seen}),
            "ReturnValues": "ALL_NEW",
        }
        return bool(self._update(fleet, route_id, update))

    def publish(self, draft: Draft, route: Route) -> bool:
        gone = {
            "TableName": self._table,
            "Key": pack({"fleet": draft.fleet, "route": draft.id}),
            "UpdateExpression": "SET published = :published REMOVE draft",
            "ConditionExpression": _AS_SEEN,
            "ExpressionAttributeValues": pack(
                {":seen": draft.revision, ":published": [draft.revision, route.version]}
            ),
        }
        writes: Any = [{"Put": version_put(self._table, route)}, {"Update": gone}]
        return transact(self._dynamodb, writes)

    def _update(self, fleet: str, route_id: str, update: Any) -> dict[str, Any]:
        """The row after it; nothing where the condition was not met."""
        try:
            changed = self._dynamodb.update_item(
                TableName=self._table, Key=pack({"fleet": fleet, "route": route_id}), **update
            )
        except ClientError as error:
            if condition_failed(error):
                return {}
            raise
        return unpack(changed["Attributes"])


_AS_SEEN = "attribute_exists(draft) AND revision = :seen"


def _head(row: Mapping[str, Any]) -> Head:
    revision, version = row.get("published", (None, None))
    return Head(_draft(row), *(None if it is None else int(it) for it in (revision, version)))


def _draft(row: Mapping[str, Any]) -> Draft | None:
    said = row.get("draft")
    if said is None:
        return None
    length_m = int(said["length_mm"]) / 1000 if "length_mm" in said else None
    return Draft(
        row["fleet"], row["route"], int(row["revision"]), said["name"], length_m,
        int(said["changed_ms"]), said["changed_by"], said["digest"],
    )  # fmt: skip


def _key(fleet: str, route_id: str, digest: str) -> str:
    return f"routes/{fleet}/drafts/{route_id}/{digest}.geojson"
