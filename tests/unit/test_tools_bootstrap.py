"""Keys and the first admin of a new stage, against the services that hold them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import boto3
import pytest

from local.trouble import Trouble
from stacks.accounts import passwords
from storage.users import DynamoUsers
from telemetry.token import KeyRing, UnknownKey
from tests.tables import make_table, moto
from tools import bootstrap

NOW = datetime(2026, 11, 24, tzinfo=UTC)
LATER = NOW + timedelta(days=90)
T = NOW.timestamp()


@pytest.fixture
def aws(monkeypatch):
    with moto(monkeypatch, "cn-north-1"):
        yield


@pytest.fixture
def step(aws):
    """Does one step and gives the ring that stands there afterwards."""
    ssm = boto3.client("ssm")

    def do(name: str, now: datetime = NOW) -> KeyRing:
        bootstrap.keys(ssm, "dev", name, now)
        stored = ssm.get_parameter(Name="/milepost/dev/signing-keys", WithDecryption=True)["Parameter"]
        assert stored["Type"] == "SecureString"
        return KeyRing.parse(stored["Value"])

    return do


def test_a_rotation_never_refuses_a_token_that_is_still_good(step) -> None:
    old = step("new")
    token, _ = old.sign("mei", "demo", "courier", T)
    added = step("add", LATER)
    assert added.current == old.current
    assert len(added.keys) == 2
    promoted = step("promote")
    assert promoted.current != old.current
    assert promoted.check(token, T).user == "mei"
    newer, _ = promoted.sign("mei", "demo", "courier", T)
    assert added.check(newer, T).user == "mei"  # who read the ring before the promotion
    dropped = step("drop")
    assert dropped.check(newer, T).user == "mei"
    with pytest.raises(UnknownKey):
        dropped.check(token, T)


def test_keys_in_use_are_not_overwritten(step) -> None:
    step("new")
    with pytest.raises(Trouble, match=r"/milepost/dev/signing-keys is there already; .* add, promote, drop"):
        step("new", LATER)


@pytest.mark.parametrize("name", ["add", "promote", "drop"])
def test_a_rotation_needs_keys(step, name) -> None:
    with pytest.raises(Trouble, match="make it with the step new"):
        step(name)


def test_what_is_printed_tells_no_key(aws) -> None:
    ssm = boto3.client("ssm")
    said = bootstrap.keys(ssm, "dev", "new", NOW)
    assert said == "/milepost/dev/signing-keys: 20261124T000000Z; 20261124T000000Z signs"


def test_the_first_admin_can_sign_in(aws) -> None:
    dynamodb = boto3.client("dynamodb")
    table = make_table(dynamodb, "stacks/accounts/template.yaml", "UsersTable")
    assert bootstrap.admin(dynamodb, table, "demo", "ada", "correct-horse", NOW) == "ada is an admin of demo"
    account = DynamoUsers(dynamodb, table).find("demo", "ada")
    assert account is not None
    assert account.user.role == "admin"
    assert passwords.matches("correct-horse", account.password)
    for user, password, said in (
        ("ada", "correct-horse", "already"),
        ("eve", "short", "at least 10"),
        ("Eve B", "correct-horse", "cannot be a name"),
    ):
        with pytest.raises(Trouble, match=said):
            bootstrap.admin(dynamodb, table, "demo", user, password, NOW)
