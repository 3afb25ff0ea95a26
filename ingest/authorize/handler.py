"""The authorizer of every HTTP API: who asks, told to the function behind it.

Source: AWS, "Control access to HTTP APIs with AWS Lambda authorizers" (payload 2.0, simple response).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from ingest.authorize.verdict import verdict
from storage.aws import client
from storage.revocations import Revoked, revoked_in
from storage.signing_keys import SigningKeys, ssm_keys
from telemetry.clock import now_s
from telemetry.settings import required

log = Logger(service="authorize")


@dataclass(frozen=True, slots=True)
class Settings:
    signing_keys: str
    revocations_table: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        return cls(required(env, "SIGNING_KEYS"), required(env, "REVOCATIONS_TABLE"))


@cache
def wire() -> tuple[SigningKeys, Revoked]:
    settings = Settings.from_env(os.environ)
    keys = ssm_keys(client("ssm"), settings.signing_keys)
    return keys, revoked_in(client("dynamodb"), settings.revocations_table)


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    context = verdict((event.get("headers") or {}).get("authorization"), *wire(), now_s())
    if "problem" in context:
        log.info("token refused", extra={"problem": context["problem"], "route": event.get("routeKey")})
    return {"isAuthorized": True, "context": context}
