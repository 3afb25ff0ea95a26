"""A function called as an event: tried again when it fails, and then told to its queue.

Source: AWS Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation" and
"Capturing records of Lambda asynchronous invocations".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson

from local.functions import Function
from local.sources.queue import Send
from local.template.stacks import Stack
from local.worker.answer import Answer, Invoke
from telemetry.clock import Clock

WAITS_S = (60.0, 120.0)
"""Before the first and before the second further try."""

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Rules:
    """AWS::Lambda::EventInvokeConfig, with AWS's defaults; on_failure: the ARN of a queue."""

    retries: int = 2
    max_age_s: float = 21_600.0
    on_failure: str | None = None


def rules(stack: Stack) -> Iterator[tuple[str, Rules]]:
    """By the function's name."""
    for logical in stack.of_type("AWS::Lambda::EventInvokeConfig"):
        said = stack.resolver.properties(logical)
        where = said.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        yield (
            str(said["FunctionName"]),
            Rules(
                int(said.get("MaximumRetryAttempts", 2)),
                float(said.get("MaximumEventAgeInSeconds", 21_600)),
                where,
            ),
        )


@dataclass(frozen=True, slots=True)
class Asynchronous:
    """Time and waiting are those of the laptop's clock."""

    rules: dict[str, Rules]
    invoke: Invoke
    send: Send
    clock: Clock
    sleep: Sleep

    async def call(self, function: Function, payload: bytes) -> None:
        """Until the function has done its work, or is given up."""
        known, began_s = self.rules.get(function.name, Rules()), self.clock()
        answer, tries = await self.invoke(function.name, payload), 1
        while answer.failed and tries <= known.retries:
            await self.sleep(WAITS_S[min(tries, len(WAITS_S)) - 1])
            if self.clock() - began_s > known.max_age_s:
                break
            answer, tries = await self.invoke(function.name, payload), tries + 1
        if answer.failed and known.on_failure:
            retried = tries > known.retries
            await self.send(
                known.on_failure, _record(function, payload, answer, tries, self.clock(), retried)
            )


def _record(
    function: Function, payload: bytes, answer: Answer, tries: int, now_s: float, retried: bool
) -> dict[str, Any]:
    return {
        "version": "1.0",
        "timestamp": datetime.fromtimestamp(now_s, UTC).isoformat(timespec="milliseconds"),
        "requestContext": {
            "requestId": str(uuid4()),
            "functionArn": f"{function.arn}:$LATEST",
            "condition": "RetriesExhausted" if retried else "EventAgeExceeded",
            "approximateInvokeCount": tries,
        },
        "requestPayload": orjson.loads(payload),
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": orjson.loads(answer.payload),
    }
