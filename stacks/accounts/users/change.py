"""A user changed by an admin: one transaction, whatever of them changes (docs/decisions/0037)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from geo.said import say
from stacks.accounts import passwords
from stacks.accounts.asking import asking
from storage.devices import Device, DeviceStore
from storage.user_changes import MOST_PHONES, UserChange, UserChanges
from storage.users import User, UserStore
from telemetry.api import Caller
from telemetry.fields import wrong
from telemetry.problem import BadRequest, Conflict, NotFound, Unavailable


@dataclass(frozen=True, slots=True)
class Wanted:
    """None: stays as it is. name: "" for the user."""

    name: str | None = None
    role: str | None = None
    tags: tuple[str, ...] | None = None
    disabled: bool | None = None
    password: str | None = None

    def of(self, user: User) -> User:
        name = user.name if self.name is None else self.name or user.user
        role = self.role or user.role
        tags = user.tags if self.tags is None else self.tags
        disabled = user.disabled if self.disabled is None else self.disabled
        sharp = self.password is not None or (role, disabled) != (user.role, user.disabled)
        return replace(
            user, name=name, role=role, tags=tags, disabled=disabled, generation=user.generation + sharp
        )


class Changes:
    """tries: how often a change that somebody else was quicker at is tried, waiting in between."""

    def __init__(
        self,
        users: UserStore,
        devices: DeviceStore,
        changes: UserChanges,
        cost: passwords.Cost = passwords.COST,
        tries: Callable[[], Iterable[object]] = lambda: range(5),
    ) -> None:
        self._users, self._devices, self._changes = users, devices, changes
        self._cost = cost
        self._tries = tries

    def change(self, caller: Caller, user: str, wanted: Wanted, now: float) -> User:
        """Raises BadRequest where nothing is given or the password is too weak, NotFound, Conflict where the
        caller would lock themself out or the fleet lose its last admin, and as `asking`.
        """
        if wanted == Wanted():
            raise BadRequest(
                say("nothing-to-change", "Give what is to change: name, role, tags, password or disabled.")
            )
        if wanted.password is not None and (weakness := passwords.weakness(wanted.password, user)):
            raise wrong("password", weakness)
        password = None if wanted.password is None else passwords.keep(wanted.password, self._cost)
        for _ in self._tries():
            me = asking(self._users, caller)
            before = me if user == caller.user else self._users.who(caller.fleet, user)
            if before is None:
                raise NotFound(
                    say("user-not-found", "There is no user {user}; GET /v1/users lists them.", user=user)
                )
            after = wanted.of(before)
            lost = before.in_charge and not after.in_charge
            if user == caller.user and lost:
                raise Conflict(
                    say(
                        "locked-out",
                        "You would lock yourself out; ask another admin, or make one first: POST /v1/users.",
                    )
                )
            keeper = None if user == caller.user else me or (self._other(before) if lost else None)
            first, *more = self._phones(before, after, wanted)
            if self._changes.write(UserChange(before, after, password, keeper, first, now)):
                for phones in more:
                    self._mark(UserChange(after, after, None, None, phones, now))
                return after
        raise _busy()

    def _other(self, user: User) -> User:
        """Another admin of the fleet. Raises Conflict where there is none."""
        others = (it for it in self._users.all(user.fleet) if it.in_charge and it.user != user.user)
        if keeper := next(others, None):
            return keeper
        raise Conflict(
            say(
                "last-admin",
                "{user} is the fleet's last admin; make another one first: POST /v1/users with role admin.",
                user=user.user,
            )
        )

    def _phones(self, before: User, after: User, wanted: Wanted) -> list[list[Device]]:
        """All that the change suspends or takes again, as many at a time as a transaction takes. Also those
        that are listed as marked so: the list may be from before.
        """
        if wanted.disabled is None and before.rides == after.rides:
            return [[]]
        mine = [it for it in self._devices.all(after.fleet) if it.courier == after.user]
        return [mine[i : i + MOST_PHONES] for i in range(0, len(mine), MOST_PHONES)] or [[]]

    def _mark(self, change: UserChange) -> None:
        if not any(self._changes.write(change) for _ in self._tries()):
            raise _busy()


def _busy() -> Unavailable:
    return Unavailable(
        say("user-busy", "Somebody else is changing this user or another admin; repeat the request.")
    )
