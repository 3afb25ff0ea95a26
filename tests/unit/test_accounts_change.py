"""A user changed by an admin, from the HTTP event to the answer, and what it ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stacks.accounts import passwords
from stacks.accounts.users.change import Changes, Wanted
from stacks.accounts.users.enrol import Users
from storage.devices import Device, key_hash
from storage.user_changes import MOST_PHONES, UserChange
from storage.users import Account, User
from telemetry.api import Caller
from telemetry.clock import now_s
from telemetry.problem import Conflict, Problem, Unavailable
from tests.fakes_stacks import RING, FakeDeviceTable, FakeUserChanges
from tests.unit.test_accounts import CHEAP, PASSWORD, call, changed, users

__all__ = ["call", "changed", "users"]  # fixtures

PATCH = "PATCH /v1/users/{user}"
ADA = Caller("demo", "ada", "admin")


@pytest.fixture
def patched(call):
    """Sends one change."""
    return lambda user, body, by="ada", **more: call(PATCH, body, "admin", by, user_=user, **more)


def generation(call, password=PASSWORD) -> int:
    status, session = call("POST /v1/session", {"user": "mei", "password": password})
    assert status == 200
    return RING.check(session["token"], now_s()).generation


def test_name_and_tags_change_alone_and_revoke_nothing(call, patched, changed) -> None:
    mei = {"user": "mei", "role": "courier", "name": "Mei Lin", "tags": [], "disabled": False}
    assert patched("mei", {"tags": ["cold", "bike", "cold"]}) == (200, mei | {"tags": ["bike", "cold"]})
    assert patched("mei", {"name": ""}) == (200, mei | {"tags": ["bike", "cold"], "name": "mei"})
    assert patched("mei", {"tags": []}) == (200, mei | {"name": "mei"})
    assert patched("mei", {"role": "courier", "disabled": False})[0] == 200
    assert changed.revoked == {}
    assert generation(call) == 0
    _, listed = call("GET /v1/users", role="manager")
    assert listed["users"][1] == mei | {"name": "mei"}


@pytest.mark.parametrize("body", [{"password": "another-horse"}, {"role": "manager"}])
def test_a_new_password_or_role_revokes_the_tokens_from_before(call, patched, changed, body) -> None:
    assert patched("mei", body)[0] == 200
    assert changed.revoked == {("demo", "mei"): 1}
    assert generation(call, body.get("password", PASSWORD)) == 1
    if "password" in body:
        assert call("POST /v1/session", {"user": "mei", "password": PASSWORD})[0] == 401


def test_who_is_disabled_is_told_as_with_a_wrong_password_until_enabled(call, patched, changed) -> None:
    phone = call("POST /v1/devices", {"name": "phone"}, "courier")[1]
    assert patched("mei", {"disabled": True})[1]["disabled"] is True
    right = call("POST /v1/session", {"user": "mei", "password": PASSWORD})
    wrong = call("POST /v1/session", {"user": "mei", "password": "wrong-password"})
    assert right == wrong
    assert right[0] == 401
    assert changed.revoked == {("demo", "mei"): 1}
    assert changed.devices.find(phone["key"]) is None
    for role, user, body in (("courier", "mei", {}), ("admin", "ada", {"courier": "mei"})):
        status, problem = call("POST /v1/devices", {"name": "x"} | body, role, user)
        assert (status, "mei is disabled" in problem["detail"]) == (409, True)
    assert patched("mei", {"disabled": False})[1]["disabled"] is False
    assert changed.devices.find(phone["key"]) is not None
    assert generation(call) == 2


def test_a_phone_that_was_not_yet_listed_is_suspended_by_the_next_request(patched, changed) -> None:
    assert patched("mei", {"disabled": True})[0] == 200
    changed.devices.add(Device(key_hash("dk_1"), "demo", "mei", "dv_1", "phone", 0))
    changed.devices.add(Device(key_hash("dk_2"), "demo", "li", "dv_2", "another's", 0))
    assert patched("mei", {"name": "Mei"})[0] == 200
    assert changed.devices.find("dk_1") is not None
    assert patched("mei", {"disabled": True})[0] == 200
    assert changed.devices.find("dk_1") is None
    assert changed.devices.find("dk_2") is not None
    assert changed.revoked == {("demo", "mei"): 1}


def test_who_is_no_longer_a_courier_has_no_phones(patched, changed) -> None:
    changed.devices.add(Device(key_hash("dk_1"), "demo", "mei", "dv_1", "phone", 0))
    assert patched("mei", {"role": "manager"})[0] == 200
    assert changed.devices.find("dk_1") is None
    assert patched("mei", {"role": "courier"})[0] == 200
    assert changed.devices.find("dk_1") is not None


BAD = [
    ({}, None, "Give what is to change: name, role, tags, password or disabled"),
    ({"nickname": "M"}, "nickname", "not a field"),
    ({"name": None}, "name", "got null"),
    ({"name": "x" * 101}, "name", "length <= 100"),
    ({"role": "root"}, "role", "root"),
    ({"tags": ["Bike"]}, "tags[0]", "matching"),
    ({"tags": ["a"] * 17}, "tags", "length <= 16"),
    ({"password": "short"}, "password", "at least 10"),
    ({"disabled": "yes"}, "disabled", "expected true or false"),
]


@pytest.mark.parametrize(("body", "field", "words"), BAD)
def test_what_is_wrong_is_told_by_field_and_changes_nothing(call, patched, body, field, words) -> None:
    status, problem = patched("mei", body)
    assert status == 400
    told = problem["errors"][0] if field else {"reason": problem["detail"]}
    assert told.get("field") == field
    assert words in told["reason"]
    assert generation(call) == 0


def test_nobody_is_changed_who_is_not_of_the_fleet(patched) -> None:
    for user in ("nobody", "li"):
        status, problem = patched(user, {"name": "x"})
        assert (status, problem["detail"]) == (404, f"There is no user {user}; GET /v1/users lists them.")


@pytest.mark.parametrize("body", [{"disabled": True}, {"role": "manager"}])
def test_an_admin_locks_neither_themself_nor_the_fleet_out(users, patched, body) -> None:
    users.add(Account(User("demo", "bo", "admin", "Bo"), "", 0))
    status, problem = patched("ada", body)
    assert (status, "ask another admin" in problem["detail"]) == (409, True)
    assert patched("ada", {"name": "Ada L.", "password": "another-horse"})[0] == 200
    assert patched("bo", body)[0] == 200
    status, problem = patched("ada", body, by="root")  # who has a token, and no account
    assert (status, "last admin" in problem["detail"]) == (409, True)
    assert patched("ada", {"role": "admin", "disabled": False}, by="root")[0] == 200


def test_who_is_no_longer_an_admin_makes_and_unmakes_nobody(users, call, patched) -> None:
    """Their token may count for some minutes more."""
    users.add(Account(User("demo", "bo", "admin", "Bo"), "", 0))
    assert patched("bo", {"disabled": True})[0] == 200
    new = {"user": "friend", "role": "admin", "password": PASSWORD}
    for answer in (patched("ada", {"disabled": True}, by="bo"), call("POST /v1/users", new, "admin", "bo")):
        assert (answer[0], "no longer an admin" in answer[1]["detail"]) == (403, True)
    assert users.find("demo", "friend") is None


def test_a_token_from_before_makes_nothing_that_outlives_it(users, call, patched, changed) -> None:
    """It may count for some minutes more: who stole an admin's is not to have another account by then."""
    users.add(Account(User("demo", "bo", "admin", "Bo"), "", 0))
    assert patched("ada", {"password": "another-horse"}, by="bo")[0] == 200
    assert patched("mei", {"password": "another-horse"}, by="bo")[0] == 200
    old = {"generation": 0}
    new = {"user": "friend", "role": "admin", "password": PASSWORD}
    phone = {"name": "phone", "courier": "mei"}
    before = dict(users.rows)
    for status, problem in (
        patched("ada", {"password": "third-horse"}, **old),
        patched("bo", {"disabled": True}, **old),
        call("POST /v1/users", new, "admin", "ada", **old),
        call("POST /v1/devices", phone, "admin", "ada", **old),
        call("POST /v1/devices", phone, "courier", "mei", **old),
    ):
        assert (status, problem["code"]) == (401, "token-revoked")
    assert (users.rows, changed.devices.rows) == (before, {})
    assert call("POST /v1/users", new, "admin", "ada")[0] == 201
    assert call("POST /v1/devices", phone, "courier", "mei")[0] == 201


def test_whom_an_admin_makes_is_written_with_the_check_that_they_are_one(users, call, changed) -> None:
    class Meanwhile(type(users)):
        """Ada is disabled after she was looked up."""

        def add(self, account, keeper=None):
            ada = users.who("demo", "ada")
            changed.write(UserChange(ada, replace(ada, disabled=True, generation=1), None, None, [], 0))
            return super().add(account, keeper)

    users.__class__ = Meanwhile
    new = {"user": "friend", "role": "admin", "password": PASSWORD}
    assert call("POST /v1/users", new, "admin", "ada", generation=0)[1]["code"] == "admin-no-longer"
    assert users.who("demo", "friend") is None


def test_an_admin_makes_no_second_user_of_their_own_name(call) -> None:
    new = {"user": "ada", "role": "courier", "password": PASSWORD}
    assert call("POST /v1/users", new, "admin", "ada")[1]["code"] == "user-taken"


def test_a_user_whom_others_are_always_quicker_than_is_given_up(users, changed) -> None:
    busy = type("Busy", (), {"add": lambda *_: False, "who": users.who})()
    with pytest.raises(Unavailable, match="repeat"):
        Users(busy, CHEAP).add(User("demo", "new", "courier", "New"), PASSWORD, 0, ADA)
    with pytest.raises(Conflict, match="another name"):
        Users(busy, CHEAP).add(User("demo", "mei", "courier", "Mei"), PASSWORD, 0, ADA)


def test_who_is_no_courier_any_more_registers_no_phone(call, patched, changed) -> None:
    assert patched("mei", {"role": "manager"})[0] == 200
    status, problem = call("POST /v1/devices", {"name": "phone"}, "courier")
    assert (status, problem["errors"][0]["code"]) == (400, "device-courier-unknown")
    assert changed.devices.rows == {}


def test_an_admin_who_is_disabled_registers_no_phone(users, call, patched, changed) -> None:
    users.add(Account(User("demo", "bo", "admin", "Bo"), "", 0))
    assert patched("bo", {"disabled": True})[0] == 200
    answer = call("POST /v1/devices", {"name": "phone", "courier": "mei"}, "admin", "bo")
    assert (answer[0], answer[1]["code"]) == (403, "admin-no-longer")
    assert changed.devices.rows == {}


def test_phones_are_taken_again_though_the_index_does_not_tell_yet_that_they_were_suspended(users) -> None:
    class Behind(FakeDeviceTable):
        def all(self, fleet):
            return [replace(it, suspended=False) for it in super().all(fleet)]

    devices = Behind()
    devices.add(Device(key_hash("dk_1"), "demo", "mei", "dv_1", "phone", 0))
    changes = Changes(users, devices, FakeUserChanges(users, devices), CHEAP)
    changes.change(ADA, "mei", Wanted(disabled=True), 0)
    assert devices.find("dk_1") is None
    changes.change(ADA, "mei", Wanted(disabled=False), 0)
    assert devices.find("dk_1") is not None


@pytest.mark.parametrize(("by", "words"), [("bo", "no longer an admin"), ("root", "last admin")])
def test_two_admins_who_disable_each_other_leave_one(users, changed, by, words) -> None:
    users.add(Account(User("demo", "bo", "admin", "Bo"), "", 0))

    class Meanwhile(FakeUserChanges):
        """Ada's disabling of Bo is written before Bo's of Ada."""

        def write(self, change):
            bo = users.who("demo", "bo")
            gone = replace(bo, disabled=True, generation=1)
            changed.write(UserChange(bo, gone, None, None, [], 0))
            return super().write(change)

    changes = Changes(users, changed.devices, Meanwhile(users, changed.devices), CHEAP)
    with pytest.raises(Problem, match=words):
        changes.change(Caller("demo", by, "admin"), "ada", Wanted(disabled=True), 0)
    assert not users.who("demo", "ada").disabled


def test_a_change_that_others_are_always_quicker_at_is_given_up(users, changed) -> None:
    busy = type("Busy", (), {"write": lambda *_: False})()
    changes = Changes(users, changed.devices, busy, CHEAP, tries=lambda: range(2))
    with pytest.raises(Unavailable, match="repeat"):
        changes.change(ADA, "mei", Wanted(name="x"), 0)


def test_more_phones_than_a_transaction_takes_keep_nobody_enabled(users, changed) -> None:
    """Else who registers a hundred phones could not be disabled."""
    keys = [f"dk_{n}" for n in range(2 * MOST_PHONES + 1)]
    for key in keys:
        changed.devices.add(Device(key_hash(key), "demo", "mei", f"dv_{key}", "phone", 0))
    written = []

    class Counted(FakeUserChanges):
        def write(self, change):
            written.append(len(change.phones))
            return (len(written) != 2) and super().write(change)

    table = Counted(users, changed.devices)
    changes = Changes(users, changed.devices, table, CHEAP, tries=lambda: range(1))
    with pytest.raises(Unavailable, match="repeat"):
        changes.change(ADA, "mei", Wanted(disabled=True), 0)
    assert users.who("demo", "mei").disabled
    assert changes.change(ADA, "mei", Wanted(disabled=True), 0).generation == 1
    assert [changed.devices.find(key) for key in keys] == [None] * len(keys)
    assert written == [97, 97, 97, 97, 1]
    assert table.revoked == {("demo", "mei"): 1}
    assert changes.change(ADA, "mei", Wanted(disabled=False), 0)
    assert all(changed.devices.find(key) for key in keys)


def test_a_password_is_kept_as_its_record_and_told_nowhere(users, patched, caplog) -> None:
    caplog.set_level("INFO")
    assert "another-horse" not in str(patched("mei", {"password": "another-horse"}))
    record = users.find("demo", "mei").password
    assert record.startswith("scrypt$")
    assert passwords.matches("another-horse", record)
    assert "another-horse" not in caplog.text + str([vars(it) for it in caplog.records])
