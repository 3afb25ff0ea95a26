"""Which kind of source feeds a mapping's function: a new kind is a new case here."""

from __future__ import annotations

from typing import Protocol

from local.aws import Aws
from local.faults import Faults
from local.logs import Log
from local.sources.mapping import Mapped
from local.sources.poller import GiveUp, Poller
from local.sources.queue import Queue
from local.sources.queue_poller import QueuePoller
from local.sources.streams import DynamoDb, Kinesis, Stream
from local.tasks import Tasks
from local.trouble import Trouble
from local.worker.answer import Invoke


class Source(Protocol):
    async def start(self, tasks: Tasks) -> None:
        """Comes back when nothing that is sent from now on is missed; the work goes on in `tasks`."""


def source(
    mapped: Mapped, aws: Aws, invoke: Invoke, give_up: GiveUp, poll_s: float, log: Log, faults: Faults
) -> Source:
    """Raises Trouble for a source that the laptop runtime cannot read."""
    deliver = faults.deliver(invoke)
    stream: Stream
    match mapped.source.split(":")[2]:
        case "kinesis":
            stream = Kinesis(aws, mapped.source)
        case "dynamodb":
            stream = DynamoDb(aws, mapped.source)
        case "sqs":
            return QueuePoller(mapped, Queue(aws, mapped.source), deliver, poll_s, log)
        case _:
            known = "Kinesis, DynamoDB Streams and SQS"
            raise Trouble(f"The laptop runtime cannot read {mapped.source}; it knows {known}.")
    return Poller(mapped, faults.stream(stream), deliver, give_up, poll_s, log)
