"""POST and GET /v1/users."""

from __future__ import annotations

import os
from functools import cache
from typing import Annotated, Any

import msgspec
from aws_lambda_powertools import Logger

from stacks.accounts.users import wiring
from stacks.accounts.users.enrol import Users
from storage.users import User
from telemetry.api import Request, Response, answer, reply
from telemetry.body import read_body
from telemetry.names import MOST_TAGS, NAME, TAG, Role

log = Logger(service="accounts-users")


class NewUser(msgspec.Struct, forbid_unknown_fields=True):
    user: Annotated[str, msgspec.Meta(pattern=NAME)]
    role: Role
    password: str
    name: Annotated[str, msgspec.Meta(max_length=100)] = ""
    tags: Annotated[list[Annotated[str, msgspec.Meta(pattern=TAG)]], msgspec.Meta(max_length=MOST_TAGS)] = []


def add(users: Users, request: Request) -> Response:
    caller = request.caller().require("admin")
    new = read_body(request, NewUser)
    tags = tuple(sorted(set(new.tags)))
    user = User(caller.fleet, new.user, new.role, new.name or new.user, tags)
    return reply(201, shown(users.add(user, new.password, request.clock())))


def all_users(users: Users, request: Request) -> Response:
    caller = request.caller().require("manager", "admin")
    return reply(200, {"users": [shown(user) for user in users.all(caller.fleet)]})


def shown(user: User) -> dict[str, Any]:
    return {"user": user.user, "role": user.role, "name": user.name, "tags": list(user.tags)}


ENDPOINTS = {"POST /v1/users": add, "GET /v1/users": all_users}
wire = cache(lambda: wiring.build(os.environ))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wire(), request), event, log)
