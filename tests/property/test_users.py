"""Whatever admins do to users, in whatever order: somebody is admin, and phones and tokens follow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stacks.accounts import passwords
from stacks.accounts.users.change import Changes, Wanted
from storage.devices import Device, key_hash
from storage.users import Account, User
from telemetry.api import Caller
from telemetry.names import ROLES
from telemetry.problem import Conflict, Forbidden
from tests.fakes_stacks import FakeDeviceTable, FakeUserChanges, FakeUsers

NAMES = ("ada", "bo", "mei")
WANTED = st.builds(
    Wanted,
    name=st.none() | st.just("Somebody"),
    role=st.none() | st.sampled_from(ROLES),
    tags=st.none() | st.just(("bike",)),
    disabled=st.none() | st.booleans(),
    password=st.none() | st.just("correct-horse"),
).filter(lambda wanted: wanted != Wanted())
STEPS = st.lists(st.tuples(st.sampled_from((*NAMES, "root")), st.sampled_from(NAMES), WANTED), max_size=12)


@given(STEPS)
def test_a_fleet_keeps_an_admin_and_phones_and_tokens_follow_their_users(steps) -> None:
    users, devices = FakeUsers(), FakeDeviceTable()
    for name, role in zip(NAMES, ("admin", "admin", "courier"), strict=True):
        users.add(Account(User("demo", name, role, name), "", 0))
        devices.add(Device(key_hash(name), "demo", name, f"dv_{name}", "phone", 0, suspended=role == "admin"))
    table = FakeUserChanges(users, devices)
    changes = Changes(users, devices, table, passwords.Cost(n=2, r=1, p=1))
    for by, name, wanted in steps:
        asker, before = users.who("demo", by), users.who("demo", name)
        try:
            signed_in = asker.generation if asker else 0
            after = changes.change(Caller("demo", by, "admin", signed_in), name, wanted, 0)
        except (Conflict, Forbidden):
            assert users.who("demo", name) == before
            continue
        assert asker is None or (asker.role == "admin" and not asker.disabled)
        assert users.who("demo", name) == after
        rights = (after.role, after.disabled) != (before.role, before.disabled) or wanted.password
        assert after.generation == before.generation + bool(rights)
        assert not rights or table.below("demo", name) == after.generation
        assert (devices.find(name) is not None) == after.rides
        assert [it for it in users.all("demo") if it.role == "admin" and not it.disabled]
