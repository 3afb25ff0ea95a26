"""The signing keys, kept in an SSM SecureString and remembered for some minutes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from telemetry.clock import Clock, now_s
from telemetry.token import KeyRing

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

TTL_S = 300.0
RETRY_S = 60.0


class SigningKeys(Protocol):
    def ring(self) -> KeyRing:
        """The keys, at most `TTL_S` old."""

    def newer(self) -> KeyRing | None:
        """Fetched again because a key was not known; None when that was done within `RETRY_S`."""


class CachedKeys:
    """fetch: the parameter's text. Bad tokens can make it fetch once a minute, not more."""

    def __init__(self, fetch: Callable[[], str], clock: Clock = now_s) -> None:
        self._fetch = fetch
        self._clock = clock
        self._ring: KeyRing | None = None
        self._fetched = float("-inf")

    def ring(self) -> KeyRing:
        if self._ring is None or self._clock() - self._fetched >= TTL_S:
            return self._refresh()
        return self._ring

    def newer(self) -> KeyRing | None:
        return self._refresh() if self._clock() - self._fetched >= RETRY_S else None

    def _refresh(self) -> KeyRing:
        self._ring = KeyRing.parse(self._fetch())
        self._fetched = self._clock()
        return self._ring


def ssm_keys(client: SSMClient, name: str, clock: Clock = now_s) -> CachedKeys:
    """name: the SecureString, `/milepost/<stage>/signing-keys`."""

    def fetch() -> str:
        return client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]

    return CachedKeys(fetch, clock)
