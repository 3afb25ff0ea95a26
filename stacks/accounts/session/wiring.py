from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from stacks.accounts import passwords
from stacks.accounts.session.signin import SignIn
from storage.aws import client
from storage.signing_keys import ssm_keys
from storage.users import DynamoUsers
from telemetry.settings import required


@dataclass(frozen=True, slots=True)
class Settings:
    users_table: str
    signing_keys: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(required(env, "USERS_TABLE"), required(env, "SIGNING_KEYS"))


def build(env: Mapping[str, str]) -> SignIn:
    settings = Settings.from_env(env)
    users = DynamoUsers(client("dynamodb"), settings.users_table)
    return SignIn(users, ssm_keys(client("ssm"), settings.signing_keys), passwords.keep(secrets.token_hex()))
