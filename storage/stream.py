"""Kinesis: put uploads, and take records apart whether plain or KPL-aggregated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from storage.aws import backoff
from telemetry.upload import Upload

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient

MAX_RECORDS = 500  # a PutRecords call


class StreamRefused(Exception):
    """Kinesis has not taken every record; nothing may be acknowledged."""


class UploadStream(Protocol):
    def put(self, uploads: Sequence[Upload]) -> None:
        """Return when Kinesis has taken every upload. Raises StreamRefused otherwise."""


class KinesisStream:
    def __init__(self, kinesis: KinesisClient, name: str) -> None:
        self._kinesis = kinesis
        self._name = name

    def put(self, uploads: Sequence[Upload]) -> None:
        records: list[Any] = [{"Data": u.to_bytes(), "PartitionKey": u.key} for u in uploads]
        for start in range(0, len(records), MAX_RECORDS):
            self._put_all(records[start : start + MAX_RECORDS])

    def _put_all(self, pending: list[Any]) -> None:
        """PutRecords takes each record or not, one by one: what failed is sent again."""
        code = ""
        for _ in backoff(attempts=5):
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
