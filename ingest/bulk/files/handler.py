"""Bulk files that were put into the data bucket → the stream. Answers which messages to send again."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from ingest.bulk.files import message
from ingest.bulk.files.wiring import wire
from storage.bulk_files import FileGone

log = Logger()


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    failed = []
    for record in event["Records"]:
        try:
            for key in message.keys(record["body"]):
                _work(key)
        except Exception:  # one message's trouble is not its neighbours'
            log.exception("a bulk file was not taken; its message will come again")
            failed.append(record["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}


def _work(key: str) -> None:
    try:
        summary = wire().work(key)
        log.info("a bulk file was taken", extra={"key": key, "summary": str(summary or "taken before")})
    except FileGone:
        log.warning("a bulk file was gone before it was taken", extra={"key": key})
