"""Feeds one function from one queue, as Lambda's pollers do.

A message that is not deleted is visible again after the queue's timeout; SQS counts how often it was
received and moves it to the dead-letter queue. Source: AWS Lambda developer guide, "Using Lambda with
Amazon SQS", "Handling errors for an SQS event source in Lambda" and "Creating and configuring an Amazon
SQS event source mapping".
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp
import orjson

from local.aws import AwsError
from local.logs import Log
from local.sources.mapping import Mapped
from local.sources.model import Rules, Success, outcome
from local.sources.queue import Message
from local.tasks import Tasks
from local.trouble import Trouble
from local.worker.answer import Answer, Invoke, NotReached

CONCURRENT = 2
"""Batches at a time: AWS begins with five; two keep to any MaximumConcurrency that it allows."""
EVENT_BYTES = 3 * 1024 * 1024
"""Half of what an event may have, as ten more messages may come at a time."""
RETRY_S = 0.5
WAIT_S = 5
"""How long one receive call waits for a first message."""


class Messages(Protocol):
    """A queue."""

    arn: str

    async def receive(self, most: int, wait_s: int) -> list[Message]: ...

    async def delete(self, messages: Iterable[Message]) -> list[str]: ...


@dataclass(slots=True)
class Gathering:
    """The next batch while it is gathered: pure, time is passed in."""

    rules: Rules
    messages: list[Message] = field(default_factory=list)
    until_s: float = 0.0

    def offer(self, messages: list[Message], now_s: float) -> None:
        if messages and not self.messages:
            self.until_s = now_s + self.rules.window_s
        self.messages += messages

    def wanted(self) -> int:
        return self.rules.batch_size - len(self.messages)

    def ready(self, now_s: float) -> bool:
        """Full, or its window is over."""
        full = self.wanted() <= 0 or sum(message.size for message in self.messages) >= EVENT_BYTES
        return bool(self.messages) and (full or now_s >= self.until_s)


def done(messages: list[Message], answer: Answer, rules: Rules) -> list[Message]:
    """What may be deleted: all, none, or all but those reported; an unknown name among these means none."""
    said = outcome(answer.payload, rules, failed=answer.failed)
    if isinstance(said, Success):
        return messages
    if said.items is None or not said.items <= {message.id for message in messages}:
        return []
    return [message for message in messages if message.id not in said.items]


class QueuePoller:
    def __init__(self, mapped: Mapped, queue: Messages, invoke: Invoke, poll_s: float, log: Log) -> None:
        """Raises Trouble for what it would leave out in silence."""
        if mapped.filters:
            raise Trouble(f"The laptop runtime knows no FilterCriteria on a queue ({queue.arn}).")
        self._mapped, self._queue, self._invoke = mapped, queue, invoke
        self._poll_s, self._log = poll_s, log

    async def start(self, tasks: Tasks) -> None:
        """Nothing is missed before it either: messages wait."""
        for _ in range(CONCURRENT):
            tasks.spawn(self._run())

    async def _run(self) -> None:
        while True:
            try:
                messages = await self._gather()
                event = orjson.dumps({"Records": [message.event for message in messages]})
                answer = await self._invoke(self._mapped.function, event)
                await self._delete(done(messages, answer, self._mapped.rules))
            except NotReached as error:
                self._log.say("sources", f"{self._mapped.function} was not reached: {error}", "WARNING")
            except (AwsError, aiohttp.ClientError, TimeoutError) as error:
                self._log.say("sources", f"{self._queue.arn} does not answer: {error!r}", "ERROR")
                await asyncio.sleep(RETRY_S)

    async def _gather(self) -> list[Message]:
        batch = Gathering(self._mapped.rules)
        while not batch.ready(time.time()):
            wait_s = 0 if batch.messages else WAIT_S
            batch.offer(await self._queue.receive(batch.wanted(), wait_s), time.time())
            if batch.messages and not batch.ready(time.time()):
                await asyncio.sleep(self._poll_s)
        return batch.messages

    async def _delete(self, messages: list[Message]) -> None:
        if refused := await self._queue.delete(messages):
            said = f"{len(refused)} messages of {self._queue.arn} were not deleted: {', '.join(set(refused))}"
            self._log.say("sources", said, "WARNING")
