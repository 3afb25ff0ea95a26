"""How tracking apps put pings into a request and what they take as success: one file a format."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar, Protocol

from cli.replay.simulator import Made
from cli.replay.transport import Answer, Outgoing


class Again(Exception):
    """The answer is no success that this app knows: it sends the same upload again."""


class Format(Protocol):
    uses_key: ClassVar[bool]
    """Whether the credential is a device key; else it is a token."""
    most: ClassVar[int]
    """Pings that one request can carry."""
    tick_ms: ClassVar[int]
    """Times are told in whole multiples of it, rounded down [ms]."""

    def encode(self, base: str, device: str, credential: str, pings: Sequence[Made]) -> Outgoing:
        """base: the pipeline's address; credential: a token or a device key."""

    def rejected(self, answer: Answer) -> Sequence[int]:
        """Of a 2xx: which pings were not taken, by their place. Raises Again."""


class Keyed:
    """What most apps have in common: the address holds the key, and any 2xx is success."""

    uses_key: ClassVar[bool] = True
    most: ClassVar[int] = 1
    tick_ms: ClassVar[int] = 1000

    def rejected(self, answer: Answer) -> Sequence[int]:  # noqa: ARG002 (the status says all)
        return []


def or_minus_one(value: float) -> float:
    """-1 where it is not known, as phones say it."""
    return -1 if math.isnan(value) else value


def iso(ping: Made) -> str:
    """Its time, to the millisecond."""
    at = datetime.fromtimestamp(ping.t_ms // 1000, UTC).replace(microsecond=ping.t_ms % 1000 * 1000)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
