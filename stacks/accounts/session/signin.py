"""Signing in: a name and a password become a token."""

from __future__ import annotations

from dataclasses import dataclass

from geo.said import say
from stacks.accounts import passwords
from storage.signing_keys import SigningKeys
from storage.users import User, UserStore
from telemetry.problem import Unauthenticated


@dataclass(frozen=True, slots=True)
class Session:
    """expires_at: Unix seconds."""

    user: User
    token: str
    expires_at: int


class SignIn:
    """nobody: a record that no password matches, checked where there is no such user, so that the answer
    takes as long as for one who exists.
    """

    def __init__(self, users: UserStore, keys: SigningKeys, nobody: str) -> None:
        self._users = users
        self._keys = keys
        self._nobody = nobody

    def open(self, fleet: str, user: str, password: str, now: float) -> Session:
        """Raises Unauthenticated, in the same words whatever was wrong, or when the user is disabled."""
        account = self._users.find(fleet, user)
        good = passwords.matches(password, account.password if account else self._nobody)
        if account is None or account.user.disabled or not good:
            raise Unauthenticated(
                say(
                    "sign-in-wrong",
                    "The user or the password is wrong; ask your fleet's admin for a new one.",
                )
            )
        who = account.user
        token, exp = self._keys.ring().sign(user, fleet, who.role, now, who.generation)
        return Session(who, token, exp)
