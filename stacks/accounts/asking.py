"""Who asks, as the users table has them now: a token counts for some minutes after its user was changed."""

from __future__ import annotations

from geo.said import say
from storage.users import People, User
from telemetry.api import REFUSALS, Caller
from telemetry.problem import Forbidden, Unauthenticated


def asking(people: People, caller: Caller) -> User | None:
    """None for one who has a token and no account.

    Raises Forbidden for one who was an admin, Unauthenticated where the account was changed since the caller
    signed in: who holds an old token must not make a user, a password or a phone's key that outlives it.
    """
    me = people.who(caller.fleet, caller.user)
    if me and caller.role == "admin" and not me.in_charge:
        raise Forbidden(say("admin-no-longer", "You are no longer an admin of the fleet; ask one who is."))
    if me and caller.generation < me.generation:
        raise Unauthenticated(REFUSALS["token-revoked"])
    return me
