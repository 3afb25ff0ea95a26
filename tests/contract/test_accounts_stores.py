"""The stores behind accounts: the DynamoDB adapters and the fakes keep the same promises."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.template import document
from storage.devices import Device, DynamoDevices, key_hash
from storage.items import pack
from storage.revocations import KEPT_S, revocation, revoked_in
from storage.user_changes import DynamoUserChanges, UserChange
from storage.users import Account, DynamoUsers, User
from telemetry.token import LIFETIME_S
from tests.fakes_stacks import FakeDeviceTable, FakeUserChanges, FakeUsers
from tests.tables import make_table, table_of

MEI = Account(
    User("demo", "mei", "courier", "Mei Lin", ("bike", "cold-chain")), "scrypt$…", 1_795_492_800_000
)
TASKS, ACCOUNTS = (
    document.load(Path(__file__).parents[2] / f"stacks/{name}/template.yaml")
    for name in ("tasks", "accounts")
)
PHONE = Device(key_hash("dk_1"), "demo", "mei", "dv_1", "Mei's phone", 1_795_492_800)


@pytest.fixture(params=["fake", "dynamodb"])
def users(request):
    if request.param == "fake":
        return FakeUsers()
    return DynamoUsers(*table_of(request, "stacks/accounts/template.yaml", "UsersTable"))


@pytest.fixture(params=["fake", "dynamodb"])
def devices(request):
    if request.param == "fake":
        return FakeDeviceTable()
    return DynamoDevices(request.getfixturevalue("dynamodb"), "DevicesTable")


def test_a_user_is_added_once_and_found_in_its_fleet_only(users) -> None:
    assert users.add(MEI)
    assert not users.add(Account(User("demo", "mei", "admin", "Other"), "x", 0))
    assert users.find("demo", "mei") == MEI
    assert users.find("other", "mei") is None
    assert users.find("demo", "nobody") is None
    assert users.who("demo", "mei") == MEI.user
    assert users.who("other", "mei") is None


GRANTED = [
    (TASKS, "StacksTasksTrips"), (TASKS, "StacksTasksTasks"),
    (ACCOUNTS, "StacksAccountsUsers"), (ACCOUNTS, "StacksAccountsDevices"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "function"), GRANTED)
def test_who_somebody_is_is_read_within_the_grant(template, function) -> None:
    """GetItem of the attributes that the policy names, so that passwords' records cannot be read."""
    asked: list[dict[str, Any]] = []
    dynamodb = SimpleNamespace(get_item=lambda **it: asked.append(it) or {})
    assert DynamoUsers(dynamodb, "users").who("demo", "mei") is None
    (it,) = asked
    names = {it["ExpressionAttributeNames"][name] for name in it["ProjectionExpression"].split(", ")}
    statements = template["Resources"][function]["Properties"]["Policies"][0]["Statement"]
    (grant,) = [
        it
        for it in statements
        if "UsersTable" in str(it["Resource"]) and "dynamodb:GetItem" in str(it["Action"])
    ]
    granted = grant["Condition"]["ForAllValues:StringEquals"]["dynamodb:Attributes"]
    assert names | it["Key"].keys() == set(granted)
    assert "password" not in granted
    assert grant["Condition"]["StringEqualsIfExists"] == {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}


def test_users_are_listed_by_name(users) -> None:
    for name in ("wang", "mei"):
        users.add(Account(User("demo", name, "courier", name), "x", 0))
    users.add(Account(User("other", "li", "courier", "li"), "x", 0))
    users.add(MEI)
    users.add(Account(User("demo", "ada", "admin", "Ada", ("van",)), "x", 0))
    assert [(user.user, user.tags) for user in users.all("demo")] == [
        ("ada", ("van",)), ("mei", ()), ("wang", ())
    ]  # fmt: skip


def test_a_device_is_found_by_its_key_until_it_is_revoked(devices) -> None:
    devices.add(PHONE)
    assert devices.find("dk_1") == PHONE
    assert devices.find("dk_2") is None
    assert devices.get("demo", "dv_1") == PHONE
    assert devices.get("other", "dv_1") is None
    devices.revoke(PHONE, 1_795_492_900)
    devices.revoke(PHONE, 1_795_493_000)
    assert devices.find("dk_1") is None
    revoked = devices.get("demo", "dv_1")
    assert revoked is not None
    assert revoked.revoked_at == 1_795_492_900


def test_devices_in_use_are_listed_by_fleet(devices) -> None:
    rows = [
        Device(key_hash(f"dk_{n}"), fleet, "mei", f"dv_{n}", "phone", 0)
        for n, fleet in ((3, "demo"), (2, "demo"), (1, "other"), (4, "demo"))
    ]
    for row in rows:
        devices.add(row)
    devices.revoke(rows[3], 1)
    assert [device.device for device in devices.all("demo")] == ["dv_2", "dv_3"]


class Accounts:
    """The three tables that a change writes to."""

    def __init__(self, dynamodb=None) -> None:
        if dynamodb is None:
            self.users, self.devices = FakeUsers(), FakeDeviceTable()
            self.changes = FakeUserChanges(self.users, self.devices)
            self.below = self.changes.below
            return
        users = make_table(dynamodb, "stacks/accounts/template.yaml", "UsersTable")
        self.users, self.devices = DynamoUsers(dynamodb, users), DynamoDevices(dynamodb, "DevicesTable")
        self.changes = DynamoUserChanges(dynamodb, users, "DevicesTable", "RevocationsTable")
        self.below = lambda *who: revoked_in(dynamodb, "RevocationsTable").below(*who)


@pytest.fixture(params=["fake", "dynamodb"])
def accounts(request):
    it = Accounts(request.getfixturevalue("dynamodb") if request.param == "dynamodb" else None)
    assert it.users.add(MEI)
    assert it.users.add(Account(User("demo", "ada", "admin", "Ada"), "x", 0))
    it.devices.add(PHONE)
    return it


def changed(it: Accounts, user: User, phones=(), password=None, keeper=None, **fields) -> User | None:
    """The user after it; None where the change was not taken."""
    after = replace(user, **fields)
    taken = it.changes.write(UserChange(user, after, password, keeper, phones, 1_795_492_800))
    assert it.users.who(user.fleet, user.user) == after or not taken
    return after if taken else None


def test_a_disabled_user_a_suspended_phone_and_the_revocation_are_one_change(accounts) -> None:
    gone = changed(accounts, MEI.user, [PHONE], disabled=True, generation=1)
    assert gone is not None
    assert not gone.rides
    assert accounts.users.find("demo", "mei") == replace(MEI, user=gone)
    assert accounts.devices.find("dk_1") is None
    assert [it.suspended for it in accounts.devices.all("demo")] == [True]
    assert accounts.below("demo", "mei") == 1
    assert (accounts.below("demo", "ada"), accounts.below("other", "mei")) == (0, 0)
    assert changed(accounts, gone, accounts.devices.all("demo"), disabled=False, generation=2)
    assert accounts.devices.find("dk_1") == replace(PHONE, suspended=False)
    assert accounts.below("demo", "mei") == 2


def test_a_name_and_tags_revoke_nothing_and_leave_what_another_changed(accounts) -> None:
    assert changed(accounts, MEI.user, name="Mei L.")
    assert accounts.changes.write(
        UserChange(MEI.user, replace(MEI.user, tags=()), None, None, [], 1_795_492_800)
    )
    assert accounts.users.who("demo", "mei") == replace(MEI.user, name="Mei L.", tags=())
    assert accounts.users.find("demo", "mei").password == MEI.password
    assert accounts.below("demo", "mei") == 0
    assert changed(accounts, replace(MEI.user, name="Mei L.", tags=()), password="new record", generation=1)
    assert accounts.users.find("demo", "mei").password == "new record"


def test_a_change_is_not_taken_over_what_was_not_read_or_without_its_keeper(accounts) -> None:
    ada = accounts.users.who("demo", "ada")
    assert changed(accounts, ada, role="manager", generation=1)
    assert changed(accounts, ada, name="Too late", disabled=True, generation=1) is None
    assert changed(accounts, MEI.user, [PHONE], keeper=ada, disabled=True, generation=1) is None
    assert accounts.users.who("demo", "mei") == MEI.user
    assert accounts.devices.find("dk_1") == PHONE
    assert accounts.below("demo", "mei") == 0
    assert changed(accounts, User("demo", "nobody", "courier", ""), name="x") is None
    assert accounts.users.find("demo", "nobody") is None


def test_a_user_is_added_while_the_admin_who_makes_them_is_as_read(accounts) -> None:
    ada = accounts.users.who("demo", "ada")
    first, second = (Account(User("demo", name, "courier", name), "x", 0) for name in ("li", "wu"))
    assert accounts.users.add(first, ada)
    assert not accounts.users.add(replace(first, created_ms=1), ada)
    assert changed(accounts, ada, disabled=True, generation=1)
    assert not accounts.users.add(second, ada)
    assert accounts.users.find("demo", "li") == first
    assert accounts.users.find("demo", "wu") is None


def test_revocations_are_read_once_a_minute_and_outlive_the_tokens(dynamodb) -> None:
    now, reads = [0.0], []
    paginator = dynamodb.get_paginator
    counted = SimpleNamespace(get_paginator=lambda name: reads.append(name) or paginator(name))
    revoked = revoked_in(counted, "RevocationsTable", lambda: now[0])
    assert revoked.below("demo", "mei") == 0
    row = revocation("demo", "mei", 3, 1_795_492_800.5)
    assert row["ttl"] > 1_795_492_801 + LIFETIME_S
    dynamodb.put_item(TableName="RevocationsTable", Item=pack(row))
    now[0] += KEPT_S - 1
    assert revoked.below("demo", "mei") == 0
    now[0] += 1
    assert (revoked.below("demo", "mei"), revoked.below("demo", "li")) == (3, 0)
    assert reads == ["scan", "scan"]
