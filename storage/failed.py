"""Records that Lambda gave up, copied from the stream to the data bucket before they expire there."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from storage.objects import NotKept

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PREFIX = "failed/"
LOST = ".lost.json"  # how the name of what is no longer there ends
LAYOUT = 1


class StreamRecord(NamedTuple):
    """A Kinesis record; data: its bytes, untouched."""

    sequence: str
    key: str
    arrived_ms: int
    data: bytes


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A batch that Lambda gave up, as its on-failure message tells it: where the records are.

    size: how many records the function had been given; the range may hold more, of other partition keys.
    first_arrival, last_arrival, at: ISO 8601, as AWS wrote them.
    """

    stream: str
    shard: str
    start: str
    end: str
    size: int
    first_arrival: str
    last_arrival: str
    function: str
    condition: str
    at: str


class Failed(NamedTuple):
    """One object of copied records; none where they had expired: then `batch` is all that is left."""

    batch: GivenUp
    records: list[StreamRecord]


class FailedRecords(Protocol):
    def keep(self, batch: GivenUp, records: Sequence[StreamRecord]) -> None:
        """Keep some of the batch's records; keeping them again changes nothing. Raises NotKept."""

    def lose(self, batch: GivenUp) -> None:
        """Keep what is known of a batch that is no longer, or not wholly, in the stream. Raises NotKept."""


class S3FailedRecords:
    """Objects named by shard and sequence numbers, so that a second copy is the same object."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def keep(self, batch: GivenUp, records: Sequence[StreamRecord]) -> None:
        self._put(f"{records[0].sequence}-{records[-1].sequence}.json", Failed(batch, list(records)))

    def lose(self, batch: GivenUp) -> None:
        self._put(f"{batch.start}-{batch.end}{LOST}", Failed(batch, []))

    def _put(self, name: str, held: Failed) -> None:
        key = f"{PREFIX}{held.batch.stream}/{held.batch.shard}/{name}"
        try:
            self._s3.put_object(
                Bucket=self._bucket, Key=key, Body=to_object(held), ContentType="application/json"
            )
        except (ClientError, BotoCoreError) as error:
            raise NotKept(str(error)) from error


def to_object(held: Failed) -> bytes:
    records = [r._asdict() | {"data": base64.b64encode(r.data).decode()} for r in held.records]
    body = {"layout": LAYOUT, "batch": asdict(held.batch), "records": records}
    return orjson.dumps(body, option=orjson.OPT_INDENT_2)


def from_object(body: bytes) -> Failed:
    """Raises ValueError for what is not an object of this layout."""
    try:
        said = orjson.loads(body)
        if said["layout"] != LAYOUT:
            raise ValueError(f"the object has layout {said['layout']}, this version reads {LAYOUT}")
        records = [
            StreamRecord(**r | {"data": base64.b64decode(r["data"], validate=True)}) for r in said["records"]
        ]
        return Failed(GivenUp(**said["batch"]), records)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not an object of failed records: {error!r}") from error
