"""What Lambda tells of a batch that it gave up.

Source: AWS Lambda developer guide, "Retain discarded batch records for a Kinesis Data Streams event source".
"""

from __future__ import annotations

import orjson

from storage.failed import GivenUp


class NotUnderstood(ValueError):
    """A message of another kind; it ends in the dead-letter queue, where somebody reads it."""


def read(body: str) -> GivenUp:
    """Raises NotUnderstood."""
    try:
        said = orjson.loads(body)
        where, context = said["KinesisBatchInfo"], said["requestContext"]
        return GivenUp(
            stream=where["streamArn"].rpartition("/")[2],
            shard=where["shardId"],
            start=_number(where["startSequenceNumber"]),
            end=_number(where["endSequenceNumber"]),
            size=int(where["batchSize"]),
            first_arrival=where["approximateArrivalOfFirstRecord"],
            last_arrival=where["approximateArrivalOfLastRecord"],
            function=context["functionArn"],
            condition=context["condition"],
            at=said["timestamp"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotUnderstood(f"not the message of an on-failure destination: {error!r}") from error


def _number(text: str) -> str:
    """As it is written, as the stream compares it so. Raises ValueError, TypeError."""
    int(text)
    return text
