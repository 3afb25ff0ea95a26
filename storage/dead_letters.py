"""A queue of what was given up, for who looks at it and sends it again: nothing goes unless it is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

CALL = 10
HIDDEN_S = 300
"""From others, while they are looked at."""
EMPTY, WAIT_S = 3, 1
"""Calls in a row that bring nothing: a short one asks only some of SQS's servers."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """at: when it was put there [s, Unix]."""

    id: str
    receipt: str
    body: str
    at: float


class DeadLetters(Protocol):
    def count(self) -> int:
        """About how many there are, those included that somebody looks at now."""

    def read(self, most: int) -> Iterator[DeadLetter]:
        """Each once, hidden from others for HIDDEN_S."""

    def remove(self, letter: DeadLetter) -> None: ...

    def give_back(self, letters: Iterable[DeadLetter]) -> None:
        """To be seen by others at once."""


class SqsDeadLetters:
    def __init__(self, sqs: SQSClient, url: str) -> None:
        self._sqs, self._url = sqs, url

    def count(self) -> int:
        told = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["All"])["Attributes"]
        hidden = int(told["ApproximateNumberOfMessagesNotVisible"])
        return int(told["ApproximateNumberOfMessages"]) + hidden

    def read(self, most: int) -> Iterator[DeadLetter]:
        seen, empty = set[str](), 0
        while len(seen) < most and empty < EMPTY:
            found = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(CALL, most - len(seen)),
                VisibilityTimeout=HIDDEN_S,
                WaitTimeSeconds=WAIT_S,
                AttributeNames=["SentTimestamp"],
            ).get("Messages", [])
            new = [it for it in found if it["MessageId"] not in seen]
            empty = 0 if new else empty + 1
            for it in new:
                seen.add(it["MessageId"])
                at = int(it["Attributes"]["SentTimestamp"]) / 1000
                yield DeadLetter(it["MessageId"], it["ReceiptHandle"], it["Body"], at)

    def remove(self, letter: DeadLetter) -> None:
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)

    def give_back(self, letters: Iterable[DeadLetter]) -> None:
        for letter in letters:
            self._sqs.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=letter.receipt, VisibilityTimeout=0
            )
