"""The data bucket's bulk files: a place to put one, the file, and what became of it. All go after a week.

bulk/<fleet>/places          names of the unfinished ones, as of the last that was made: who makes the next
                             writes it under the condition that nobody else did meanwhile
bulk/<fleet>/<name>/asked    {"at", "size"}, made with the place: a name is known before its file is there
                    lines    what the sender puts, once; S3 tells the queue
                    so-far-<ETag>   how far the file that has this ETag was taken: the worker's own form
                    results-<ETag>  of the file that has this ETag: a result a line, JSON, gzip
                    summary-<ETag>  the same; written last
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol

import orjson
from botocore.exceptions import ClientError

from storage.aws import backoff
from storage.downloads import LINK_S
from telemetry.names import least_id, new_id
from telemetry.problem import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

PREFIX = "bulk/"
NAME = r"^bf_[0-9a-z]{16}\Z"
MAX_FILE = 256 * 1024 * 1024  # bytes; the function that reads it has twice that on its disk
PUT_S = 900  # to begin the upload in
RECENT_S = 3600  # unfinished files that are older are not counted: something else holds them up
MOST_UNFINISHED = 10  # files of a fleet, so that it waits for its own and the others' have their turn
_PLACES = "places"
_LOST = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409", "404"}


class FileGone(Exception):
    """The file is not there any more."""


class Place(NamedTuple):
    """Where a file of exactly `size` bytes may be put until expires_at [Unix s]: once, with these headers."""

    name: str
    url: str
    headers: Mapping[str, str]
    size: int
    expires_at: int


class Stored(NamedTuple):
    """A file to work on. at: when its place was made [Unix s]."""

    fleet: str
    name: str
    etag: str
    at: float
    body: IO[bytes]


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of the file whose ETag this is; problem: why its rest was not read."""

    etag: str
    lines: int
    accepted: int
    rejected: int
    problem: str | None


class Standing(NamedTuple):
    """results: an address, good for LINK_S; with the summary."""

    received: bool
    summary: Summary | None = None
    results: str | None = None


class BulkFiles(Protocol):
    def place(self, fleet: str, size: int, now: float) -> Place | None:
        """For a file of so many bytes; None where MOST_UNFINISHED places of the last hour may still be put
        to, or have a file that is not done. now: Unix seconds. Raises Unavailable.
        """

    def standing(self, fleet: str, name: str) -> Standing | None:
        """None where there is no such place."""

    def open(self, key: str) -> Stored:
        """Raises FileGone."""

    def finished(self, stored: Stored) -> bool:
        """Whether the summary of this very file is there."""

    def so_far(self, stored: Stored) -> bytes | None:
        """What was kept of this very file last."""

    def keep(self, stored: Stored, so_far: bytes) -> None:
        """How far it was taken, and what of it. All at once: it is as it was before, or whole."""

    def finish(self, stored: Stored, summary: Summary, results: bytes) -> None:
        """results: gzip."""


class S3BulkFiles:
    """s3: of `storage.downloads.signing_client`."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3, self._bucket = s3, bucket

    def place(self, fleet: str, size: int, now: float) -> Place | None:
        name = new_id("bf", now)
        if not self._reserve(fleet, name, now):
            return None
        folder = _folder(fleet, name)
        self._put(f"{folder}asked", orjson.dumps({"at": now, "size": size}))
        # Both are signed: S3 refuses a body of any other length, and a second file in place of the first.
        what = {
            "Bucket": self._bucket,
            "Key": f"{folder}lines",
            "ContentLength": size,
            "IfNoneMatch": "*",
        }
        url = self._s3.generate_presigned_url("put_object", Params=what, ExpiresIn=PUT_S)
        return Place(name, url, put_headers(size), size, int(now) + PUT_S)

    def _reserve(self, fleet: str, name: str, now: float) -> bool:
        """False where there are enough. Of those who ask at the same moment one is first, and the others look
        again. What a crash leaves behind is a place that nobody puts to: not counted when its time is over.
        """
        for _ in backoff():
            files = self._recent(fleet, now)
            made, known = self._places(fleet) if files.pop(_PLACES, None) else (None, [])
            if name in known:
                return True  # by a try whose answer was lost
            busy = [it for it in sorted({*files, *known}) if _unfinished(it, files.get(it, set()), now)]
            if len(busy) >= MOST_UNFINISHED:
                return False
            if self._replace(fleet, [*busy, name], made):
                return True
        raise Unavailable("Others of the fleet ask for places at this very moment; repeat the request.")

    def _recent(self, fleet: str, now: float) -> dict[str, set[str]]:
        """What there is of each file of the last hour, and of the list of places."""
        fleet_s, first = f"{PREFIX}{fleet}/", least_id("bf", now - RECENT_S)
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=fleet_s, StartAfter=fleet_s + first
        )
        files: dict[str, set[str]] = {}
        for page in pages:
            for it in page.get("Contents", ()):
                name, _, what = it["Key"].removeprefix(fleet_s).partition("/")
                files.setdefault(name, set()).add(what.partition("-")[0])
        return files

    def _places(self, fleet: str) -> tuple[str | None, list[str]]:
        """The list's ETag, and the names in it."""
        try:
            found = self._get(f"{PREFIX}{fleet}/{_PLACES}")
        except FileGone:
            return None, []
        names: list[str] = orjson.loads(found["Body"].read())
        return found["ETag"], names

    def _replace(self, fleet: str, names: list[str], seen: str | None) -> bool:
        """seen: the ETag of the list that was read, if there was one. False where it is another by now."""
        condition: Any = {"IfMatch": seen} if seen else {"IfNoneMatch": "*"}
        body, key = orjson.dumps(names), f"{PREFIX}{fleet}/{_PLACES}"
        try:
            self._s3.put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentType="application/json", **condition
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _LOST:
                return False
            raise
        return True

    def standing(self, fleet: str, name: str) -> Standing | None:
        folder = _folder(fleet, name)
        found = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=folder).get("Contents", [])
        etags = {it["Key"].removeprefix(folder): it["ETag"].strip('"') for it in found}
        if not etags:
            return None
        # Another file may have been put at this place before, and be worked on still.
        etag = etags.get("lines")
        summary = self._summary(folder, etag) if etag and f"summary-{etag}" in etags else None
        if summary is None:
            return Standing(etag is not None)
        where = {"Bucket": self._bucket, "Key": f"{folder}results-{etag}"}
        link = self._s3.generate_presigned_url("get_object", Params=where, ExpiresIn=LINK_S)
        return Standing(received=True, summary=summary, results=link)

    def open(self, key: str) -> Stored:
        _, fleet, name, _ = key.split("/")
        asked = orjson.loads(self._get(f"{_folder(fleet, name)}asked")["Body"].read())
        answer = self._get(key)
        # Whole before it is worked on: a stream that takes its time would let the connection starve.
        body = TemporaryFile()  # noqa: SIM115 - gone with its last reference
        shutil.copyfileobj(answer["Body"], body, 1 << 20)
        body.seek(0)
        return Stored(fleet, name, answer["ETag"].strip('"'), asked["at"], body)

    def finished(self, stored: Stored) -> bool:
        return self._summary(_folder(stored.fleet, stored.name), stored.etag) is not None

    def so_far(self, stored: Stored) -> bytes | None:
        try:
            return self._get(f"{_folder(stored.fleet, stored.name)}so-far-{stored.etag}")["Body"].read()
        except FileGone:
            return None

    def keep(self, stored: Stored, so_far: bytes) -> None:
        self._put(
            f"{_folder(stored.fleet, stored.name)}so-far-{stored.etag}", so_far, "application/octet-stream"
        )

    def finish(self, stored: Stored, summary: Summary, results: bytes) -> None:
        folder = _folder(stored.fleet, stored.name)
        self._s3.put_object(
            Bucket=self._bucket,
            Key=f"{folder}results-{stored.etag}",
            Body=results,
            ContentType="application/x-ndjson",
            ContentEncoding="gzip",
        )
        self._put(f"{folder}summary-{stored.etag}", orjson.dumps(asdict(summary)))

    def _summary(self, folder: str, etag: str) -> Summary | None:
        try:
            return Summary(**orjson.loads(self._get(f"{folder}summary-{etag}")["Body"].read()))
        except FileGone:
            return None

    def _put(self, key: str, body: bytes, kind: str = "application/json") -> None:
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=kind)

    def _get(self, key: str) -> GetObjectOutputTypeDef:
        try:
            return self._s3.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                raise FileGone(key) from error
            raise


def put_headers(size: int) -> dict[str, str]:
    """What a PUT of so many bytes is to say, as its address is signed."""
    return {"content-length": str(size), "if-none-match": "*"}


def _unfinished(name: str, there: set[str], now: float) -> bool:
    """Whether the file counts. there: what S3 has of it."""
    if name <= least_id("bf", now - RECENT_S) or "summary" in there:
        return False
    return "lines" in there or name > least_id("bf", now - PUT_S)


def _folder(fleet: str, name: str) -> str:
    return f"{PREFIX}{fleet}/{name}/"
