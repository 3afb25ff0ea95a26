"""The stores behind accounts: the DynamoDB adapters and the fakes keep the same promises."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.template import document
from storage.devices import Device, DynamoDevices, key_hash
from storage.users import Account, DynamoUsers, User
from tests.fakes_stacks import FakeDeviceTable, FakeUsers
from tests.tables import table_of

MEI = Account(
    User("demo", "mei", "courier", "Mei Lin", ("bike", "cold-chain")), "scrypt$…", 1_795_492_800_000
)
TASKS: Any = document.load(Path(__file__).parents[2] / "stacks/tasks/template.yaml")
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


def test_who_somebody_is_is_read_within_the_grant_of_another_stack() -> None:
    """GetItem of the attributes that the policy names, so that passwords' records cannot be read."""
    asked: list[dict[str, Any]] = []
    dynamodb = SimpleNamespace(get_item=lambda **it: asked.append(it) or {})
    assert DynamoUsers(dynamodb, "users").who("demo", "mei") is None
    (it,) = asked
    names = {it["ExpressionAttributeNames"][name] for name in it["ProjectionExpression"].split(", ")}
    function = TASKS["Resources"]["StacksTasksTrips"]["Properties"]
    (grant,) = [it for it in function["Policies"][0]["Statement"] if "UsersTable" in str(it["Resource"])]
    assert grant["Action"] == "dynamodb:GetItem"
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
