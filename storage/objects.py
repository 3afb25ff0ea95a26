"""The data bucket's quarantine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Protocol

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from telemetry.history import Sighting

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Rejected:
    """What was not taken: its original text or base64 bytes, where it came from, and why."""

    original: str
    source: str
    field: str
    reason: str

    @property
    def hash(self) -> str:
        """Content hash: the same thing rejected again is the same thing."""
        return hashlib.sha256(f"{self.source}\n{self.original}".encode()).hexdigest()


def refused_ping(sighting: Sighting, reason: str) -> Rejected:
    """A ping that has no place in the history; the same one again has the same hash."""
    return Rejected(repr(tuple(sighting.ping)), f"ping/{sighting.device}", "t", reason)


class Quarantine(Protocol):
    def keep(self, owner: str, rejected: Sequence[Rejected]) -> None:
        """Keep what `owner` (fleet/courier, or the stream) sent; keeping it again changes nothing.

        Raises NotKept.
        """


class NotKept(Exception):
    """The quarantine was not written; what it should hold may not be acknowledged."""


class S3Quarantine:
    """One object for what one request or record had rejected, named by its content."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def keep(self, owner: str, rejected: Sequence[Rejected]) -> None:
        if not rejected:
            return
        entries = [asdict(r) | {"hash": r.hash} for r in rejected]
        name = hashlib.sha256("".join(sorted(r.hash for r in rejected)).encode()).hexdigest()
        body = orjson.dumps({"owner": owner, "rejected": entries}, option=orjson.OPT_INDENT_2)
        key = f"quarantine/{owner}/{name}.json"
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/json")
        except (ClientError, BotoCoreError) as error:
            raise NotKept(str(error)) from error
