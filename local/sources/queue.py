"""A queue over the emulator's API, and its messages as Lambda's event has them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, NamedTuple

import aiohttp
import orjson

from local.aws import Aws, AwsError
from local.logs import Log
from local.settings import ACCOUNT

MOST = 10  # messages a call
RETRY_S = (0.2, 5.0)
"""The first wait after a failed send, and the longest."""
_ATTRIBUTES = ["All"]

Send = Callable[[str, Any], Awaitable[None]]
"""Puts a message (JSON) into the queue of this ARN."""


class Message(NamedTuple):
    id: str
    receipt: str
    size: int
    """Bytes in the function's event."""
    event: Mapping[str, Any]


class Queue:
    """Time-outs, counts and the dead-letter queue are the emulator's, as they are SQS's on AWS."""

    def __init__(self, aws: Aws, arn: str) -> None:
        self._aws, self.arn = aws, arn
        self._url = f"{aws.endpoint}/{ACCOUNT}/{arn.rpartition(':')[2]}"

    async def send(self, body: str) -> None:
        """Comes back when the queue has taken it. Raises AwsError."""
        await self._aws.call("AmazonSQS.SendMessage", {"QueueUrl": self._url, "MessageBody": body})

    async def receive(self, most: int, wait_s: int) -> list[Message]:
        """Up to `most` messages, hidden from others for the queue's visibility timeout. Raises AwsError."""
        ask = {
            "QueueUrl": self._url,
            "MaxNumberOfMessages": min(most, MOST),
            "WaitTimeSeconds": wait_s,
            "AttributeNames": _ATTRIBUTES,
            "MessageAttributeNames": _ATTRIBUTES,
        }
        said = await self._aws.call("AmazonSQS.ReceiveMessage", ask)
        return [self._message(message) for message in said.get("Messages", ())]

    async def delete(self, messages: Iterable[Message]) -> list[str]:
        """What SQS answers for those it did not delete; they will come again. Raises AwsError."""
        entries = [{"Id": str(i), "ReceiptHandle": m.receipt} for i, m in enumerate(messages)]
        refused: list[str] = []
        for start in range(0, len(entries), MOST):
            ask = {"QueueUrl": self._url, "Entries": entries[start : start + MOST]}
            said = await self._aws.call("AmazonSQS.DeleteMessageBatch", ask)
            refused += [str(failed["Code"]) for failed in said.get("Failed", ())]
        return refused

    def _message(self, said: Mapping[str, Any]) -> Message:
        attributes = {
            name: {name[0].lower() + name[1:]: value for name, value in attribute.items()}
            for name, attribute in said.get("MessageAttributes", {}).items()
        }
        event = {
            "messageId": said["MessageId"],
            "receiptHandle": said["ReceiptHandle"],
            "body": said["Body"],
            "attributes": said.get("Attributes", {}),
            "messageAttributes": attributes,
            "md5OfBody": said["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self.arn,
            "awsRegion": self._aws.region,
        }
        return Message(said["MessageId"], said["ReceiptHandle"], len(orjson.dumps(event)), event)


def sender(aws: Aws, log: Log) -> Send:
    """Comes back when the queue has taken the message; until then it is sent again and again."""

    async def send(arn: str, message: Any) -> None:
        queue, body = Queue(aws, arn), orjson.dumps(message).decode()
        wait_s, longest_s = RETRY_S
        while True:
            try:
                await queue.send(body)
                return
            except (AwsError, aiohttp.ClientError, TimeoutError) as error:
                log.say("sources", f"{arn} takes nothing: {error!r}", "ERROR")
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, longest_s)

    return send
