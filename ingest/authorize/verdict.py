"""What an Authorization header is worth. It never refuses: see docs/decisions/0009."""

from __future__ import annotations

from typing import Any

from storage.revocations import Revoked
from storage.signing_keys import SigningKeys
from telemetry.token import Claims, TokenInvalid, TokenRefused, TokenRevoked, UnknownKey


def verdict(header: str | None, keys: SigningKeys, revoked: Revoked, now: float) -> dict[str, Any]:
    """The context for the function behind: the claims, {"problem": slug}, or nothing without a header."""
    if not header:
        return {}
    try:
        claims = _claims(header, keys, now)
        if claims.generation < revoked.below(claims.fleet, claims.user):
            raise TokenRevoked
        return claims.context()
    except TokenRefused as refused:
        return {"problem": refused.slug}


def _claims(header: str, keys: SigningKeys, now: float) -> Claims:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise TokenInvalid
    token = token.strip()
    try:
        return keys.ring().check(token, now)
    except UnknownKey:
        newer = keys.newer()
        if newer is None:
            raise
        return newer.check(token, now)
