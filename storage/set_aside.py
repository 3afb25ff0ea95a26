"""What was set aside in the data bucket, refused and failed alike: listed, read, marked as replayed.

A mark is an object of its own, `replayed/<key>/<ETag>`: it stands for one writing of what it marks.
docs/decisions/0016-redrive.md says why not a tag or a move.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REPLAYED = "replayed/"


class NotThere(Exception):
    """No object has this key, or it has gone meanwhile."""


@dataclass(frozen=True, slots=True)
class Held:
    """One object. at: when it was written last [Unix s]; etag: of that writing."""

    key: str
    etag: str
    at: float
    replayed: bool = False


class SetAside(Protocol):
    def list(self, prefix: str) -> Iterator[Held]:
        """Every object below `quarantine/…` or `failed/…`, by key."""

    def read(self, key: str) -> tuple[bytes, str]:
        """The object and the ETag of what was read. Raises NotThere."""

    def mark(self, key: str, etag: str, note: bytes) -> None:
        """Say that the writing `etag` of the object was replayed; note: JSON for people."""


class S3SetAside:
    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def list(self, prefix: str) -> Iterator[Held]:
        marks = {key for key, _, _ in self._pages(REPLAYED + prefix)}
        for key, etag, at in self._pages(prefix):
            yield Held(key, etag, at, _mark(key, etag) in marks)

    def read(self, key: str) -> tuple[bytes, str]:
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                raise NotThere(key) from error
            raise
        return answer["Body"].read(), answer["ETag"].strip('"')

    def mark(self, key: str, etag: str, note: bytes) -> None:
        self._s3.put_object(
            Bucket=self._bucket, Key=_mark(key, etag), Body=note, ContentType="application/json"
        )

    def _pages(self, prefix: str) -> Iterator[tuple[str, str, float]]:
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
            for found in page.get("Contents", []):
                yield found["Key"], found["ETag"].strip('"'), found["LastModified"].timestamp()


def _mark(key: str, etag: str) -> str:
    return f"{REPLAYED}{key}/{etag}"
