"""Users of a fleet: adding one and listing them."""

from __future__ import annotations

from geo.said import say
from stacks.accounts import passwords
from storage.users import Account, User, UserStore
from telemetry.fields import wrong
from telemetry.problem import Conflict


class Users:
    def __init__(self, store: UserStore, cost: passwords.Cost = passwords.COST) -> None:
        self._store = store
        self._cost = cost

    def add(self, user: User, password: str, now: float) -> User:
        """Raises BadRequest when the password is too weak, Conflict when the name is taken."""
        if weakness := passwords.weakness(password, user.user):
            raise wrong("password", weakness)
        if not self._store.add(Account(user, passwords.keep(password, self._cost), round(now * 1000))):
            raise Conflict(
                say("user-taken", "There is a user {user} already; choose another name.", user=user.user)
            )
        return user

    def all(self, fleet: str) -> list[User]:
        return self._store.all(fleet)
