"""POST /v1/session."""

from __future__ import annotations

import os
from functools import cache
from typing import Annotated, Any

import msgspec
from aws_lambda_powertools import Logger

from stacks.accounts.passwords import MAX_LETTERS
from stacks.accounts.session import wiring
from stacks.accounts.session.signin import SignIn
from telemetry.api import Request, Response, answer, reply
from telemetry.body import read_body
from telemetry.names import NAME

log = Logger(service="accounts-session")


class Credentials(msgspec.Struct, forbid_unknown_fields=True):
    user: Annotated[str, msgspec.Meta(pattern=NAME)]
    password: Annotated[str, msgspec.Meta(max_length=MAX_LETTERS)]
    fleet: Annotated[str, msgspec.Meta(pattern=NAME)] = "demo"


def sign_in(desk: SignIn, request: Request) -> Response:
    given = read_body(request, Credentials)
    session = desk.open(given.fleet, given.user, given.password, request.clock())
    who = session.user
    seen = {"user": who.user, "fleet": who.fleet, "role": who.role}
    return reply(200, {"token": session.token, "expires_at": session.expires_at} | seen)


ENDPOINTS = {"POST /v1/session": sign_in}
wire = cache(lambda: wiring.build(os.environ))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](wire(), request), event, log)
