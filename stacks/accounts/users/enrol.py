"""Users of a fleet: adding one and listing them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from geo.said import say
from stacks.accounts import passwords
from stacks.accounts.asking import asking
from storage.users import Account, User, UserStore
from telemetry.api import Caller
from telemetry.fields import wrong
from telemetry.problem import Conflict, Unavailable


class Users:
    """tries: how often it is tried while the caller's row is in another transaction, waiting in between."""

    def __init__(
        self,
        store: UserStore,
        cost: passwords.Cost = passwords.COST,
        tries: Callable[[], Iterable[object]] = lambda: range(5),
    ) -> None:
        self._store = store
        self._cost = cost
        self._tries = tries

    def add(self, user: User, password: str, now: float, caller: Caller | None = None) -> User:
        """caller: None for who runs the stage. Raises BadRequest when the password is too weak, Conflict when
        the name is taken, and as `asking`.
        """
        if weakness := passwords.weakness(password, user.user):
            raise wrong("password", weakness)
        account = Account(user, passwords.keep(password, self._cost), round(now * 1000))
        for _ in self._tries():
            keeper = asking(self._store, caller) if caller else None
            theirs = keeper and keeper.user == user.user  # no row stands twice in a transaction
            if not theirs and self._store.add(account, keeper):
                return user
            if self._store.who(user.fleet, user.user):
                raise Conflict(
                    say("user-taken", "There is a user {user} already; choose another name.", user=user.user)
                )
        raise Unavailable(say("admin-busy", "Your account is busy just now; repeat the request."))

    def all(self, fleet: str) -> list[User]:
        return self._store.all(fleet)
