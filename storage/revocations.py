"""The revocations table: whose tokens from before no longer count, while any of these could still be in time.

A row stands for as long as a token lives, so that the table has as many rows as users were disabled, given
another role or another password in the last half a day: it is read whole, and remembered for a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from storage.items import unpack
from telemetry.clock import Clock, now_s
from telemetry.token import LIFETIME_S

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT_S = 60.0
_MARGIN_S = 3600

Below = Mapping[tuple[str, str], int]
"""By fleet and user: the first generation of sign-ins that counts."""


class Revoked(Protocol):
    def below(self, fleet: str, user: str) -> int:
        """Tokens of an earlier generation are revoked; 0: none is. At most KEPT_S old."""


class CachedRevocations:
    def __init__(self, fetch: Callable[[], Below], clock: Clock = now_s) -> None:
        self._fetch = fetch
        self._clock = clock
        self._below: Below = {}
        self._fetched = float("-inf")

    def below(self, fleet: str, user: str) -> int:
        if self._clock() - self._fetched >= KEPT_S:
            self._below, self._fetched = self._fetch(), self._clock()
        return self._below.get((fleet, user), 0)


def revoked_in(dynamodb: DynamoDBClient, table: str, clock: Clock = now_s) -> CachedRevocations:
    def fetch() -> Below:
        pages = dynamodb.get_paginator("scan").paginate(TableName=table)
        rows = (unpack(item) for page in pages for item in page["Items"])
        return {(row["fleet"], row["user"]): int(row["generation"]) for row in rows}

    return CachedRevocations(fetch, clock)


def revocation(fleet: str, user: str, generation: int, now: float) -> dict[str, Any]:
    """The row that revokes every token from before `generation`."""
    ttl = int(now) + LIFETIME_S + _MARGIN_S
    return {"fleet": fleet, "user": user, "generation": generation, "ttl": ttl}
