"""Photos of trips: the files in the data bucket, and the tasks table's note of those that are there.

A file's name is not known to anybody before we sign its address, and what was once written under it is never
written over, so that what was counted is what is seen.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec
from botocore.exceptions import ClientError

from storage.damage import OnDamage, readable, refuse, sound
from storage.items import pack, transact, unpack
from storage.queries import below, every
from telemetry.life import State

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

PREFIX, UPLOADS = "photos/", "photo-uploads/"
"""Of what counts, and of what was sent: that goes after days, counted or not."""
UPLOAD_S, LINK_S = 300, 300
"""How long an address holds, to send a photo to and to look at it."""
HEAD_BYTES = 32
"""So many of a file's bytes tell what it is."""
THERE = "photos_there"
"""A trip's attribute: how many of its photos are there."""


@dataclass(frozen=True, slots=True)
class Photo:
    """One that is there. size: bytes; at_ms: when it was counted, Unix milliseconds."""

    trip: str
    photo: str
    content_type: str
    size: int
    at_ms: int


class Upload(NamedTuple):
    """How to send a file: a PUT to `url` with exactly these headers."""

    url: str
    headers: Mapping[str, str]


class Seen(NamedTuple):
    """A file as it was sent. head: its first HEAD_BYTES; etag: of this very content."""

    content_type: str
    size: int
    head: bytes
    etag: str


class PhotoStore(Protocol):
    def ask(self, fleet: str, trip: str, most: int) -> bool:
        """Count an address that the trip gets. False, and nothing done, where it had `most`."""

    def count(self, fleet: str, photo: Photo, states: Collection[State], most: int) -> bool:
        """Note that the photo is there, where its trip is in one of `states` and has fewer than `most`.

        False, and nothing done, otherwise, and where it is noted already.
        """

    def get(self, fleet: str, trip: str, photo: str) -> Photo | None: ...

    def all(self, fleet: str, trip: str) -> list[Photo]:
        """The first one first."""


class PhotoFiles(Protocol):
    def upload(self, fleet: str, trip: str, photo: str, content_type: str, size: int) -> Upload:
        """Where to send a file of this type and size [bytes], once, within UPLOAD_S."""

    def look(self, fleet: str, trip: str, photo: str) -> Seen | None:
        """What was sent; None where nothing was, or an empty file."""

    def keep(self, fleet: str, trip: str, photo: str, seen: Seen) -> bool:
        """Have what was seen where photos are kept; again changes nothing. False where it is gone by now."""

    def link(self, fleet: str, photo: Photo) -> str:
        """An address where it can be seen for LINK_S."""


class DynamoPhotos:
    """damaged: what becomes of a row in a list that cannot be read."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, damaged: OnDamage = refuse) -> None:
        self._dynamodb, self._table, self._damaged = dynamodb, table, damaged

    def ask(self, fleet: str, trip: str, most: int) -> bool:
        # A row of its own: one on the trip would be written to each of its indexes.
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=pack({"fleet": fleet, "item": f"photos/{trip}"}),
                UpdateExpression="SET kind = :kind ADD asked :one",
                ConditionExpression="attribute_not_exists(asked) OR asked < :most",
                ExpressionAttributeValues=pack({":kind": "photos", ":one": 1, ":most": most}),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def count(self, fleet: str, photo: Photo, states: Collection[State], most: int) -> bool:
        allowed = {f":s{i}": state for i, state in enumerate(sorted(states))}
        trip = {
            "TableName": self._table,
            "Key": pack({"fleet": fleet, "item": photo.trip}),
            "UpdateExpression": f"ADD {THERE} :one",
            "ConditionExpression": f"#state IN ({', '.join(allowed)})"
            f" AND (attribute_not_exists({THERE}) OR {THERE} < :most)",
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": pack({":one": 1, ":most": most} | allowed),
        }
        row: dict[str, Any] = {"fleet": fleet, "item": _key(photo.trip, photo.photo), "kind": "photo"}
        row |= {"content_type": photo.content_type, "size": photo.size, "at_ms": photo.at_ms}
        there = {
            "TableName": self._table,
            "Item": pack(row),
            "ConditionExpression": "attribute_not_exists(#item)",
            "ExpressionAttributeNames": {"#item": "item"},
        }
        parts: list[Any] = [{"Update": trip}, {"Put": there}]
        return transact(self._dynamodb, parts)

    def get(self, fleet: str, trip: str, photo: str) -> Photo | None:
        key = pack({"fleet": fleet, "item": _key(trip, photo)})
        found = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return sound(unpack(found["Item"]), _photo) if "Item" in found else None

    def all(self, fleet: str, trip: str) -> list[Photo]:
        found = every(self._dynamodb, below(self._table, fleet, _key(trip, "")))
        return list(readable(found, _photo, self._damaged))


class S3Photos:
    """s3: of storage.downloads.signing_client."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3, self._bucket = s3, bucket

    def upload(self, fleet: str, trip: str, photo: str, content_type: str, size: int) -> Upload:
        file = self._file(UPLOADS, fleet, trip, photo)
        said = {"ContentType": content_type, "ContentLength": size, "IfNoneMatch": "*"}
        url = self._s3.generate_presigned_url("put_object", Params=file | said, ExpiresIn=UPLOAD_S)
        headers = {"content-type": content_type, "content-length": str(size), "if-none-match": "*"}
        return Upload(url, headers)

    def look(self, fleet: str, trip: str, photo: str) -> Seen | None:
        file, first = self._file(UPLOADS, fleet, trip, photo), f"bytes=0-{HEAD_BYTES - 1}"
        try:
            found = self._s3.get_object(Bucket=file["Bucket"], Key=file["Key"], Range=first)
        except ClientError as error:
            if error.response["Error"]["Code"] in {"NoSuchKey", "404", "InvalidRange"}:
                return None
            raise
        size = int(found["ContentRange"].rpartition("/")[2])
        return Seen(found["ContentType"], size, found["Body"].read(), found["ETag"])

    def keep(self, fleet: str, trip: str, photo: str, seen: Seen) -> bool:
        try:
            self._s3.copy_object(
                **self._file(PREFIX, fleet, trip, photo),
                CopySource=self._file(UPLOADS, fleet, trip, photo),
                CopySourceIfMatch=seen.etag,
                ContentType=seen.content_type,
                MetadataDirective="REPLACE",
                TaggingDirective="REPLACE",  # else S3 wants the right to read tags
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in {"NoSuchKey", "404", "PreconditionFailed", "412"}:
                return False
            raise
        return True

    def link(self, fleet: str, photo: Photo) -> str:
        file = self._file(PREFIX, fleet, photo.trip, photo.photo)
        shown = {"ResponseContentType": photo.content_type}
        return self._s3.generate_presigned_url("get_object", Params=file | shown, ExpiresIn=LINK_S)

    def _file(self, prefix: str, fleet: str, trip: str, photo: str) -> Any:
        return {"Bucket": self._bucket, "Key": f"{prefix}{fleet}/{trip}/{photo}"}


def _key(trip: str, photo: str) -> str:
    # Not below the trip's own name, where its audit is.
    return f"photo/{trip}/{photo}"


def _photo(row: Mapping[str, Any]) -> Photo:
    _, trip, photo = row["item"].split("/")
    found = {"trip": trip, "photo": photo, "content_type": row["content_type"]}
    return msgspec.convert(found | {name: int(row[name]) for name in ("size", "at_ms")}, Photo)
