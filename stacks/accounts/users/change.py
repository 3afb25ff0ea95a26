"""A user changed by an admin: one transaction, whatever of them changes (docs/decisions/0037)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from geo.said import say
from stacks.accounts import passwords
from storage.devices import Device, DeviceStore
from storage.user_changes import MOST_PHONES, UserChange, UserChanges
from storage.users import User, UserStore
from telemetry.api import Caller
from telemetry.fields import wrong
from telemetry.problem import BadRequest, Conflict, Forbidden, NotFound, Unavailable


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
        caller would lock themself out or the fleet lose its last admin, Forbidden as `acting`.
        """
        if wanted == Wanted():
            raise BadRequest(
                say("nothing-to-change", "Give what is to change: name, role, tags, password or disabled.")
            )
        if wanted.password is not None and (weakness := passwords.weakness(wanted.password, user)):
            raise wrong("password", weakness)
        password = None if wanted.password is None else passwords.keep(wanted.password, self._cost)
        for _ in self._tries():
            me = self.acting(caller)
            before = self._users.who(caller.fleet, user)
            if before is None:
                raise NotFound(
                    say("user-not-found", "There is no user {user}; GET /v1/users lists them.", user=user)
                )
            after = wanted.of(before)
            lost = _admin(before) and not _admin(after)
            if user == caller.user and lost:
                raise Conflict(
                    say(
                        "locked-out",
                        "You would lock yourself out; ask another admin, or make one first: POST /v1/users.",
                    )
                )
            keeper = None if user == caller.user else me or (self._other(before) if lost else None)
            change = UserChange(before, after, password, keeper, self._phones(before, after, wanted), now)
            if self._changes.write(change):
                return after
        raise Unavailable(
            say("user-busy", "Somebody else is changing this user or another admin; repeat the request.")
        )

    def acting(self, caller: Caller) -> User | None:
        """The admin who asks, None for one who has a token and no account. Raises Forbidden when they are an
        admin no more: their token may count for some minutes yet, and must not make or unmake users.
        """
        me = self._users.who(caller.fleet, caller.user)
        if me and not _admin(me):
            raise Forbidden(
                say("admin-no-longer", "You are no longer an admin of the fleet; ask one who is.")
            )
        return me

    def _other(self, user: User) -> User:
        """Another admin of the fleet. Raises Conflict where there is none."""
        others = (it for it in self._users.all(user.fleet) if _admin(it) and it.user != user.user)
        if keeper := next(others, None):
            return keeper
        raise Conflict(
            say(
                "last-admin",
                "{user} is the fleet's last admin; make another one first: POST /v1/users with role admin.",
                user=user.user,
            )
        )

    def _phones(self, before: User, after: User, wanted: Wanted) -> list[Device]:
        """Those that the change suspends or takes again. Raises Conflict where they are too many."""
        if wanted.disabled is None and before.rides == after.rides:
            return []
        mine = [it for it in self._devices.all(after.fleet) if it.courier == after.user]
        phones = [it for it in mine if it.suspended == after.rides]
        if len(phones) > MOST_PHONES:
            raise Conflict(
                say(
                    "phones-many",
                    "{user} has {phones} phones, and {most} can change at once; revoke some first: "
                    "DELETE /v1/devices/{{device}}.",
                    user=after.user,
                    phones=len(phones),
                    most=MOST_PHONES,
                )
            )
        return phones


def _admin(user: User) -> bool:
    return user.role == "admin" and not user.disabled
