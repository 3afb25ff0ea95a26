"""Messages in an SQS queue, for who puts them there or has them come later."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from storage.aws import backoff
from telemetry.clock import machine_s

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

MOST = 10  # a SendMessageBatch call
LONGEST_S = 43_000  # a message is hidden for twelve hours at most, from when it was received
DELAY_S = 900  # the longest that a new message may be held back


class NotSent(Exception):
    """SQS has not taken every message: some may be taken."""


class Letters(Protocol):
    def send(self, bodies: Sequence[str], delay_s: float = 0.0) -> None:
        """Return when the queue has taken each, to be read in `delay_s`, at most DELAY_S. Raises NotSent."""

    def later(self, receipt: str, seconds: float) -> None:
        """Have a message that was received come again in `seconds`, at most LONGEST_S."""


class SqsLetters:
    def __init__(self, sqs: SQSClient, url: str) -> None:
        self._sqs, self._url = sqs, url

    def send(self, bodies: Sequence[str], delay_s: float = 0.0) -> None:
        delay = _whole_s(min(delay_s, DELAY_S))
        entries: list[SendMessageBatchRequestEntryTypeDef] = [
            {"Id": str(i), "MessageBody": body, "DelaySeconds": delay} for i, body in enumerate(bodies)
        ]
        for start in range(0, len(entries), MOST):
            self._send(entries[start : start + MOST])

    def _send(self, pending: list[SendMessageBatchRequestEntryTypeDef]) -> None:
        for _ in backoff():
            told = self._sqs.send_message_batch(QueueUrl=self._url, Entries=pending)
            failed = {it["Id"] for it in told.get("Failed", ())}
            pending = [entry for entry in pending if entry["Id"] in failed]
            if not pending:
                return
        raise NotSent(f"{len(pending)} messages were refused again and again")

    def later(self, receipt: str, seconds: float) -> None:
        hidden = _whole_s(min(seconds, LONGEST_S))
        self._sqs.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=hidden
        )


def _whole_s(seconds: float) -> int:
    """By the machine's clock, which is the queue's: rather a second late than before the time."""
    return math.ceil(machine_s(seconds))
