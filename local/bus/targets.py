"""Where a rule's events go: into a queue, or to a function as an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from local.aws import Aws, AwsError
from local.bus.bus import Deliver, NotThere, Spawn
from local.functions import Function
from local.sources.queue import Queue
from local.timers.asynchronous import Asynchronous

_GONE = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}


def targets(aws: Aws, functions: Mapping[str, Function], calls: Asynchronous, spawn: Spawn) -> Deliver:
    """functions: by name."""

    async def deliver(arn: str, event: Any) -> None:
        payload = orjson.dumps(event)
        if ":sqs:" in arn:
            try:
                await Queue(aws, arn).send(payload.decode())
            except AwsError as error:
                if error.code.rpartition("#")[2] in _GONE:
                    raise NotThere(str(error)) from error
                raise
            return
        function = functions.get(arn.partition(":function:")[2].partition(":")[0])
        if function is None:
            raise NotThere(f"there is no function {arn}")
        spawn(calls.call(function, payload))  # Lambda takes an event at once, and has retries of its own

    return deliver
