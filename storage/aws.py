"""AWS clients with a timeout on every call and bounded retries with jitter."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    Item = dict[str, Any]

CONNECT_TIMEOUT_S = 1
PARTIAL_ATTEMPTS = 6


def client(
    service: str, *, attempts: int = 2, read_s: float = 2.0, settings: Config | None = None, **overrides: Any
) -> Any:
    """A boto3 client; region, credentials and endpoint come from the environment.

    attempts: calls in all, with botocore's full jitter between them. By default a hanging call ends well
    within the 10 s of a function behind HTTP, so that the caller gets our answer and not the gateway's.
    settings: botocore's, over ours.
    """
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=read_s,
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=16,
        # Our own bytes carry their own checks; a checksum on each small object costs more than it finds.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        user_agent=_agent(),
    )
    config = config.merge(settings) if settings else config
    return boto3.client(service, config=config, **overrides)  # type: ignore[call-overload]


def _agent() -> str:
    """A whole one: botocore would put its own together twice a call, a tenth of the CPU of a PutRecords."""
    app = os.environ.get("AWS_SDK_UA_APP_ID")
    return f"Boto3/{boto3.__version__} milepost" + (f" app/{app}" if app else "")


def backoff(attempts: int = PARTIAL_ATTEMPTS, base_s: float = 0.05, cap_s: float = 2.0) -> Iterator[int]:
    """Yields attempt numbers, waiting with full jitter before each but the first."""
    for attempt in range(attempts):
        if attempt:
            time.sleep(random.uniform(0, min(cap_s, base_s * 2**attempt)))  # noqa: S311 - jitter, not a secret
        yield attempt


def batch_get(dynamodb: DynamoDBClient, table: str, keys: list[Item], *, consistent: bool) -> Iterator[Item]:
    """Items of the keys that exist, in no order; a hundred keys a call, unprocessed keys asked again.

    Raises TimeoutError when DynamoDB leaves keys unprocessed after all attempts.
    """
    for start in range(0, len(keys), 100):
        pending = keys[start : start + 100]
        for _ in backoff():
            answer = dynamodb.batch_get_item(
                RequestItems={table: {"Keys": pending, "ConsistentRead": consistent}}
            )
            yield from answer["Responses"].get(table, [])
            left = answer["UnprocessedKeys"].get(table)
            pending = [dict(key) for key in left["Keys"]] if left else []
            if not pending:
                break
        else:
            raise TimeoutError(f"{len(pending)} keys of {table} stayed unprocessed; the table is throttled")
