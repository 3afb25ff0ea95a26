"""The data bucket's quarantine."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from telemetry.clock import Clock, now_s
from telemetry.history import Sighting

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PREFIX = "quarantine/"
LAYOUT = 2  # of the object; layout 1 had text only, and no time


@dataclass(frozen=True, slots=True)
class Rejected:
    """What was not taken: its original bytes, where it came from, and why.

    source: the form of the bytes and the device, `overland/dv_1`; a record of the stream is `stream`.
    received_ms: when it came in [ms, Unix]; None where the bytes say it themselves or need none.
    """

    original: bytes
    source: str
    field: str
    reason: str
    received_ms: int | None = None

    @property
    def hash(self) -> str:
        """Content hash: the same thing rejected again is the same thing."""
        return hashlib.sha256(self.source.encode() + b"\n" + self.original).hexdigest()

    @property
    def form(self) -> str:
        return self.source.partition("/")[0]

    @property
    def device(self) -> str:
        return self.source.partition("/")[2]


class Quarantined(NamedTuple):
    """One object of the quarantine. owner: fleet/courier, or `stream`."""

    owner: str
    rejected: list[Rejected]


def refused_ping(sighting: Sighting, reason: str) -> Rejected:
    """A ping that has no place in the history; the same one again has the same hash."""
    ping = sighting.ping if sighting.ping.flags else sighting.ping[:-1]  # as before there were flags
    return Rejected(orjson.dumps([*ping]), f"ping/{sighting.device}", "t", reason)


class Quarantine(Protocol):
    def keep(self, owner: str, rejected: Sequence[Rejected]) -> None:
        """Keep what `owner` (fleet/courier, or the stream) sent; keeping it again changes nothing.

        Raises NotKept.
        """


class NotKept(Exception):
    """The quarantine was not written; what it should hold may not be acknowledged."""


class S3Quarantine:
    """One object for what one request or record had rejected, named by its content.

    Each writing has its time in it, so that its ETag tells it from an earlier one of the same name: what
    is rejected again after it was replayed is open again (docs/decisions/0016-redrive.md).
    """

    def __init__(self, s3: S3Client, bucket: str, clock: Clock = now_s) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._clock = clock

    def keep(self, owner: str, rejected: Sequence[Rejected]) -> None:
        if not rejected:
            return
        body = to_object(Quarantined(owner, list(rejected)), round(self._clock() * 1000))
        key = name(owner, rejected)
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/json")
        except (ClientError, BotoCoreError) as error:
            raise NotKept(str(error)) from error


def name(owner: str, rejected: Sequence[Rejected]) -> str:
    """The object's key: the same set of rejected things has the same one."""
    content = hashlib.sha256("".join(sorted(r.hash for r in rejected)).encode()).hexdigest()
    return f"{PREFIX}{owner}/{content}.json"


def to_object(held: Quarantined, kept_ms: int) -> bytes:
    entries = [
        {"hash": r.hash, "source": r.source, "field": r.field, "reason": r.reason}
        | {"received_ms": r.received_ms}
        | _written(r.original)
        for r in held.rejected
    ]
    body = {"layout": LAYOUT, "owner": held.owner, "kept_ms": kept_ms, "rejected": entries}
    return orjson.dumps(body, option=orjson.OPT_INDENT_2)


def from_object(body: bytes) -> Quarantined:
    """Raises ValueError for what is not an object of this layout."""
    try:
        said = orjson.loads(body)
        if said["layout"] != LAYOUT:
            raise ValueError(f"the object has layout {said['layout']}, this version reads {LAYOUT}")
        entries = [
            Rejected(_read(e), e["source"], e["field"], e["reason"], e["received_ms"])
            for e in said["rejected"]
        ]
        return Quarantined(said["owner"], entries)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not an object of the quarantine: {error!r}") from error


def _written(original: bytes) -> dict[str, Any]:
    """Text where the bytes are text, for whoever opens the object."""
    try:
        return {"text": original.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(original).decode()}


def _read(entry: Mapping[str, Any]) -> bytes:
    return entry["text"].encode() if "text" in entry else base64.b64decode(entry["base64"], validate=True)
