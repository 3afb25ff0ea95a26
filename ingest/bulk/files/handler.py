"""Bulk files that were put into the data bucket → the stream. Answers which messages to send again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger

from ingest.bulk.files import message
from ingest.bulk.files.wiring import wire
from ingest.bulk.files.work import Unfinished
from storage.bulk_files import FileGone

PART_MS = 150_000
"""What is left of an invocation when the last part begins: the slowest, of a full stream, takes no longer."""

log = Logger()


@log.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    more, failed = turn(context, wire().turn_s), []
    for record in event["Records"]:
        try:
            for key in message.keys(record["body"]):
                _work(key, more)
        except Exception:  # one message's trouble is not its neighbours'
            log.exception("a bulk file came no further; its message will come again")
            failed.append(record["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}


def turn(context: Any, turn_s: float) -> Callable[[], bool]:
    """Whether there is time for another part: in a file's turn, and in the invocation."""
    ends = max(context.get_remaining_time_in_millis() - turn_s * 1000, PART_MS)
    return lambda: context.get_remaining_time_in_millis() > ends


def _work(key: str, more: Callable[[], bool]) -> None:
    try:
        came = wire().worker.work(key, more)
    except FileGone:
        log.warning("a bulk file was gone before it was taken", extra={"key": key})
        return
    if isinstance(came, Unfinished):
        wire().queue.send(message.of(key))
        log.info("a bulk file goes on in another turn", extra={"key": key, **came._asdict()})
    else:
        log.info("a bulk file was taken", extra={"key": key, "summary": str(came or "taken before")})
