"""A session token: what it claims, how it is signed and how it is checked (JWT, HS256).

TokenRefused
├── TokenExpired   it was ours, and its time is over
├── TokenRevoked   it was ours, and its user was disabled or changed since
└── TokenInvalid   not ours, altered, or not a token
    └── UnknownKey signed with a key that we do not know (yet): the keys may have been rotated
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

import jwt
import orjson

from telemetry.names import NAME, ROLES

ISSUER = "milepost"
LIFETIME_S = 12 * 3600
KEY_BYTES = 32
ALGORITHMS = ["HS256"]  # a constant: never taken from the token's header


class TokenRefused(Exception):
    slug: ClassVar[str] = "token-invalid"


class TokenExpired(TokenRefused):
    slug = "token-expired"


class TokenRevoked(TokenRefused):
    slug = "token-revoked"


class TokenInvalid(TokenRefused):
    pass


class UnknownKey(TokenInvalid):
    pass


@dataclass(frozen=True, slots=True)
class Claims:
    """exp: Unix seconds; generation: of the user's sign-ins (docs/decisions/0037)."""

    user: str
    fleet: str
    role: str
    exp: int
    generation: int = 0

    def context(self) -> dict[str, str | int]:
        """What the authorizer tells the function behind it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys that sign and check tokens; `current` signs.

    To rotate, add a key, wait until every cache has it (ten minutes), make it current, and remove the
    old one when the last token that it signed has expired.
    """

    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """From {"current": kid, "keys": {kid: base64url of at least 32 bytes}}. Raises ValueError."""
        stored = orjson.loads(text)
        keys = {
            kid: base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)) for kid, key in stored["keys"].items()
        }
        if stored["current"] not in keys:
            raise ValueError("the current signing key is not among the keys")
        for kid, key in keys.items():
            if len(key) < KEY_BYTES:
                raise ValueError(f"signing key {kid} has {len(key)} bytes; it needs {KEY_BYTES}")
        return cls(stored["current"], keys)

    def sign(self, user: str, fleet: str, role: str, now: float, generation: int = 0) -> tuple[str, int]:
        """A new token and when it expires [Unix seconds]."""
        exp = int(now) + LIFETIME_S
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": ISSUER,
            "sub": user,
            "fleet": fleet,
            "role": role,
            "iat": int(now),
            "exp": exp,
        }
        if generation:
            claims["gen"] = generation
        return jwt.encode(claims, self.keys[self.current], ALGORITHMS[0], {"kid": self.current}), exp

    def check(self, token: str, now: float) -> Claims:
        """What `token` claims, when it is ours and still good at `now`. Raises TokenRefused."""
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = self.keys.get(kid) if isinstance(kid, str) else None
            if key is None:
                raise UnknownKey
            # PyJWT takes its time from the system; ours is passed in, so `exp` is compared below.
            options: Any = {"require": ["exp", "iss", "aud", "sub"], "verify_exp": False, "verify_iat": False}
            said = jwt.decode(token, key, ALGORITHMS, options, audience=ISSUER, issuer=ISSUER)
        except (jwt.InvalidTokenError, ValueError) as error:
            raise TokenInvalid from error
        return _claims(said, now)


def _claims(said: Mapping[str, Any], now: float) -> Claims:
    user, fleet, role, exp = (said.get(name) for name in ("sub", "fleet", "role", "exp"))
    named = all(isinstance(name, str) and re.match(NAME, name) for name in (user, fleet))
    generation = said.get("gen", 0)
    if not named or role not in ROLES or not isinstance(exp, int) or not isinstance(generation, int):
        raise TokenInvalid
    if exp <= now:
        raise TokenExpired
    return Claims(str(user), str(fleet), str(role), exp, generation)
