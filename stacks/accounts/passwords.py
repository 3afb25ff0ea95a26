"""Passwords: what is good enough, and the record kept in their place.

Source: OWASP Password Storage Cheat Sheet (scrypt N=2^14, r=8, p=5); NIST SP 800-63B 5.1.1 (length, no
rules of composition).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from geo.said import say

MIN_LETTERS, MAX_LETTERS = 10, 128
_SALT_BYTES, _HASH_BYTES = 16, 32
_MEMORY = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """scrypt's parameters; memory is 128 n r bytes."""

    n: int = 2**14
    r: int = 8
    p: int = 5


COST = Cost()


def weakness(password: str, user: str) -> str | None:
    """Why the password cannot be taken, reading on from "password"; None when it can."""
    if len(password) < MIN_LETTERS:
        return say("password-short", "must have at least {least} characters", least=MIN_LETTERS)
    if len(password) > MAX_LETTERS:
        return say("password-long", "must have at most {most} characters", most=MAX_LETTERS)
    if len(set(password)) == 1 or password.lower() == user:
        return say("password-easy", "is too easy to guess: it repeats one character or the user's name")
    return None


def keep(password: str, cost: Cost = COST) -> str:
    """The record to store: `scrypt$n$r$p$salt$hash`. About 0.2 s at the default cost."""
    salt = secrets.token_bytes(_SALT_BYTES)
    parts = (str(cost.n), str(cost.r), str(cost.p), _text(salt), _text(_scrypt(password, salt, cost)))
    return "$".join(("scrypt", *parts))


def matches(password: str, record: str) -> bool:
    """Compares in constant time."""
    _, n, r, p, salt, kept = record.split("$")
    made = _scrypt(password, base64.b64decode(salt), Cost(int(n), int(r), int(p)))
    return hmac.compare_digest(made, base64.b64decode(kept))


def _scrypt(password: str, salt: bytes, cost: Cost) -> bytes:
    return hashlib.scrypt(
        password.encode(), salt=salt, n=cost.n, r=cost.r, p=cost.p, maxmem=_MEMORY, dklen=_HASH_BYTES
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
