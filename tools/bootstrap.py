"""What a new stage needs and CloudFormation must not hold: signing keys, and the first admin.

    python -m tools.bootstrap keys --stage dev            the first key; later: add, promote, drop
    python -m tools.bootstrap admin --table TABLE --fleet demo --user ada

Region and account are boto3's (AWS_REGION, AWS_PROFILE), so that a region of AWS China is China.
"""

from __future__ import annotations

import argparse
import base64
import getpass
import json
import re
import secrets
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from local.trouble import Trouble
from stacks.accounts.users.enrol import Users
from storage.aws import client
from storage.users import DynamoUsers, User
from telemetry.names import NAME
from telemetry.problem import Problem
from telemetry.token import KEY_BYTES, KeyRing

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ssm import SSMClient

Ring = dict[str, Any]
"""{"current": kid, "keys": {kid: key}}; a kid is the time at which it was made, so that they sort."""


def add(ring: Ring, now: datetime) -> Ring:
    """With one more key, which nobody signs with yet."""
    key = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode().rstrip("=")
    return ring | {"keys": ring["keys"] | {f"{now:%Y%m%dT%H%M%SZ}": key}}


def promote(ring: Ring, now: datetime) -> Ring:  # noqa: ARG001 - the same form as the others
    """The newest key signs."""
    return ring | {"current": max(ring["keys"])}


def drop(ring: Ring, now: datetime) -> Ring:  # noqa: ARG001
    """Only the key that signs is left."""
    return ring | {"keys": {ring["current"]: ring["keys"][ring["current"]]}}


STEPS: dict[str, Callable[[Ring, datetime], Ring]] = {"add": add, "promote": promote, "drop": drop}


def keys(ssm: SSMClient, stage: str, step: str, now: datetime) -> str:
    """Do one step on the stage's parameter; what was done. Raises Trouble."""
    name = f"/milepost/{stage}/signing-keys"
    if step == "new":
        ring = promote(add({"keys": {}}, now), now)
    else:
        try:
            stored = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        except ssm.exceptions.ParameterNotFound:
            raise Trouble(f"There is no {name} yet; make it with the step new.") from None
        ring = STEPS[step](json.loads(stored), now)
    text = json.dumps(ring)
    KeyRing.parse(text)
    try:
        ssm.put_parameter(Name=name, Value=text, Type="SecureString", Overwrite=step != "new")
    except ssm.exceptions.ParameterAlreadyExists:
        raise Trouble(f"{name} is there already; to rotate its keys: add, promote, drop.") from None
    return f"{name}: {', '.join(sorted(ring['keys']))}; {ring['current']} signs"


def admin(dynamodb: DynamoDBClient, table: str, fleet: str, user: str, password: str, now: datetime) -> str:
    """Put an admin into the users table. Raises Trouble."""
    for name in (fleet, user):
        if not re.fullmatch(NAME, name):
            raise Trouble(f"{name} cannot be a name; it must match {NAME}")
    try:
        made = Users(DynamoUsers(dynamodb, table)).add(
            User(fleet, user, "admin", user), password, now.timestamp()
        )
    except Problem as problem:
        raise Trouble(problem.detail) from None
    return f"{made.user} is an admin of {made.fleet}"


def _options() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m tools.bootstrap")
    choice = top.add_subparsers(dest="what", required=True)
    ring = choice.add_parser("keys", help="the keys that sign session tokens")
    ring.add_argument("step", choices=("new", *STEPS), nargs="?", default="new")
    ring.add_argument("--stage", required=True)
    first = choice.add_parser("admin", help="the first admin of a fleet; asks for the password")
    for name in ("table", "fleet", "user"):
        first.add_argument(f"--{name}", required=True)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    asked, now = _options().parse_args(argv), datetime.now(UTC)
    try:
        if asked.what == "keys":
            print(keys(client("ssm"), asked.stage, asked.step, now))
        else:
            password = getpass.getpass("Password: ")
            print(admin(client("dynamodb"), asked.table, asked.fleet, asked.user, password, now))
    except (Trouble, ClientError, BotoCoreError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
