"""Kinesis: put uploads, and take records apart whether plain or KPL-aggregated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from storage.aws import backoff
from telemetry.upload import Upload

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import PutRecordsRequestEntryTypeDef

MAX_RECORDS = 500  # a PutRecords call
MAX_BYTES = 4_500_000  # the same; Kinesis took 5 MiB, keys included, before it took more


class Plain(NamedTuple):
    """A record as it goes into the stream.

    hash_key: decides the shard in place of the key's own hash (ExplicitHashKey, 0 to 2^128 - 1).
    """

    key: str
    data: bytes
    hash_key: str | None = None


class StreamRefused(Exception):
    """Kinesis has not taken every record; nothing may be acknowledged."""


class UploadStream(Protocol):
    def put(self, uploads: Sequence[Upload]) -> None:
        """Return when Kinesis has taken every upload. Raises StreamRefused otherwise."""


class RecordStream(Protocol):
    def put_plain(self, records: Sequence[Plain]) -> None:
        """Return when Kinesis has taken every record. Raises StreamRefused otherwise: some may be taken."""


class KinesisStream:
    def __init__(self, kinesis: KinesisClient, name: str, attempts: int = 5) -> None:
        self._kinesis = kinesis
        self._name = name
        self._attempts = attempts

    def put(self, uploads: Sequence[Upload]) -> None:
        self.put_plain([Plain(u.key, u.to_bytes()) for u in uploads])

    def put_plain(self, records: Sequence[Plain]) -> None:
        for call in _calls(records):
            self._put_all([_entry(record) for record in call])

    def _put_all(self, pending: list[PutRecordsRequestEntryTypeDef]) -> None:
        """PutRecords takes each record or not, one by one: what failed is sent again."""
        code = ""
        for _ in backoff(attempts=self._attempts):
            try:
                answer = self._kinesis.put_records(StreamName=self._name, Records=pending)
            except (ClientError, BotoCoreError) as error:
                raise StreamRefused(str(error)) from error
            if not answer.get("FailedRecordCount"):
                return
            results = list(zip(pending, answer["Records"], strict=True))
            code = next(result["ErrorCode"] for _, result in results if "ErrorCode" in result)
            pending = [record for record, result in results if "ErrorCode" in result]
        raise StreamRefused(f"{len(pending)} records were refused again and again, the last with {code}")


def _entry(record: Plain) -> PutRecordsRequestEntryTypeDef:
    entry: PutRecordsRequestEntryTypeDef = {"Data": record.data, "PartitionKey": record.key}
    return entry if record.hash_key is None else {**entry, "ExplicitHashKey": record.hash_key}


def _calls(records: Sequence[Plain]) -> Iterator[list[Plain]]:
    """The records in order, cut to what one call takes."""
    call: list[Plain] = []
    size = 0
    for record in records:
        size += len(record.data) + len(record.key.encode())
        if call and (len(call) == MAX_RECORDS or size > MAX_BYTES):
            yield call
            call, size = [], len(record.data) + len(record.key.encode())
        call.append(record)
    if call:
        yield call
