"""A queue of what is to be tried again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import orjson

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class Later(Protocol):
    def send(self, message: Mapping[str, Any]) -> None:
        """Have `message` (JSON values) come again, after the queue's delay."""


class SqsLater:
    def __init__(self, sqs: SQSClient, queue: str) -> None:
        """queue: its address."""
        self._sqs, self._queue = sqs, queue

    def send(self, message: Mapping[str, Any]) -> None:
        self._sqs.send_message(QueueUrl=self._queue, MessageBody=orjson.dumps(message).decode())
