"""POST and GET /v1/users, PATCH /v1/users/{user}."""

from __future__ import annotations

import os
from functools import cache
from typing import Annotated, Any

import msgspec
from aws_lambda_powertools import Logger

from stacks.accounts.users import wiring
from stacks.accounts.users.change import Wanted
from stacks.accounts.users.wiring import Wiring
from storage.users import User
from telemetry.api import Request, Response, answer, reply
from telemetry.body import read_body
from telemetry.names import MOST_TAGS, NAME, TAG, Role

log = Logger(service="accounts-users")

Name = Annotated[str, msgspec.Meta(max_length=100)]
Tags = Annotated[list[Annotated[str, msgspec.Meta(pattern=TAG)]], msgspec.Meta(max_length=MOST_TAGS)]


class NewUser(msgspec.Struct, forbid_unknown_fields=True):
    user: Annotated[str, msgspec.Meta(pattern=NAME)]
    role: Role
    password: str
    name: Name = ""
    tags: Tags = []


class Change(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is left out stays as it is."""

    name: Name | msgspec.UnsetType = msgspec.UNSET
    role: Role | msgspec.UnsetType = msgspec.UNSET
    tags: Tags | msgspec.UnsetType = msgspec.UNSET
    password: str | msgspec.UnsetType = msgspec.UNSET
    disabled: bool | msgspec.UnsetType = msgspec.UNSET


def add(wired: Wiring, request: Request) -> Response:
    caller = request.caller().require("admin")
    new = read_body(request, NewUser)
    user = User(caller.fleet, new.user, new.role, new.name or new.user, _each_once(new.tags))
    return reply(201, shown(wired.users.add(user, new.password, request.clock(), caller)))


def all_users(wired: Wiring, request: Request) -> Response:
    caller = request.caller().require("manager", "admin")
    return reply(200, {"users": [shown(user) for user in wired.users.all(caller.fleet)]})


def change(wired: Wiring, request: Request) -> Response:
    caller = request.caller().require("admin")
    given = msgspec.structs.asdict(read_body(request, Change))
    given = {name: value for name, value in given.items() if value is not msgspec.UNSET}
    if "tags" in given:
        given["tags"] = _each_once(given["tags"])
    user = wired.changes.change(caller, request.path["user"], Wanted(**given), request.clock())
    log.info("user changed", extra={"user": user.user, "by": caller.user, "changed": sorted(given)})
    return reply(200, shown(user))


def shown(user: User) -> dict[str, Any]:
    seen = {"user": user.user, "role": user.role, "name": user.name, "tags": list(user.tags)}
    return seen | {"disabled": user.disabled}


def _each_once(tags: list[str]) -> tuple[str, ...]:
    return tuple(sorted(set(tags)))


ENDPOINTS = {"POST /v1/users": add, "GET /v1/users": all_users, "PATCH /v1/users/{user}": change}
wire = cache(lambda: wiring.build(os.environ))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wire(), request), event, log)
