"""What S3 tells of a file that was put, and we of one that goes on.

Source: Amazon S3 user guide, "Event message structure".
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus, unquote_plus

import orjson


def keys(body: str) -> list[str]:
    """The objects' keys; none in the test event that S3 sends when it is told of the queue.

    Raises ValueError for a message of another kind, which ends in the dead-letter queue.
    """
    try:
        said = orjson.loads(body)
        if said.get("Event") == "s3:TestEvent":
            return []
        return [unquote_plus(record["s3"]["object"]["key"]) for record in said["Records"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a message of S3: {error!r}") from error


def of(key: str) -> dict[str, Any]:
    """As S3 would tell of it."""
    return {"Records": [{"s3": {"object": {"key": quote_plus(key)}}}]}
