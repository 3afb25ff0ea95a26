"""How tracking apps put pings into a request and what they take as success: one file a format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

from cli.replay.simulator import Made
from cli.replay.transport import Answer, Outgoing


class Again(Exception):
    """The answer is no success that this app knows: it sends the same upload again."""


class Format(Protocol):
    uses_key: ClassVar[bool]
    """Whether the credential is a device key; else it is a token."""

    def encode(self, base: str, device: str, credential: str, pings: Sequence[Made]) -> Outgoing:
        """base: the pipeline's address; credential: a token or a device key."""

    def rejected(self, answer: Answer) -> Sequence[int]:
        """Of a 2xx: which pings were not taken, by their place. Raises Again."""
