"""An HTTP API event (payload 2.0) as a request, and answers as its response.

Source: AWS, "Working with AWS Lambda proxy integrations for HTTP APIs".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from geo.said import say
from telemetry.clock import Clock, now_s
from telemetry.problem import BadRequest, Forbidden, NotFound, Problem, Unauthenticated

Response = dict[str, Any]
LONGEST_NAME = 100  # a route with its version has 58 characters, a device key 35

REFUSALS = {
    "token-expired": say("token-expired", "The token has expired; sign in again with POST /v1/session."),
    "token-revoked": say(
        "token-revoked",
        "Your account was changed since you signed in; sign in again with POST /v1/session.",
    ),
    "token-invalid": say(
        "token-invalid", "The token is not one of ours or was altered; sign in with POST /v1/session."
    ),
}


class Log(Protocol):
    """What the endpoint tells of itself; Powertools' Logger fits."""

    def exception(self, msg: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as the authorizer found out. generation: of the sign-in (docs/decisions/0037)."""

    fleet: str
    user: str
    role: str
    generation: int = 0

    def require(self, *roles: str) -> Caller:
        """Raises Forbidden unless the caller has one of `roles`."""
        if self.role not in roles:
            raise Forbidden(
                say(
                    "role-needed",
                    "This needs the role {roles: or }; you are signed in as {role}.",
                    roles=roles,
                    role=self.role,
                )
            )
        return self


@dataclass(frozen=True, slots=True)
class Request:
    event: Mapping[str, Any]
    clock: Clock = now_s

    @property
    def route(self) -> str:
        """`POST /v1/tasks/{task}/claim`, as the API definition has it."""
        return str(self.event["routeKey"])

    @property
    def path(self) -> Mapping[str, str]:
        """Raises NotFound where a part is longer than any name of ours."""
        parts: Mapping[str, str] = self.event.get("pathParameters") or {}
        if any(len(part) > LONGEST_NAME for part in parts.values()):
            raise NotFound(
                say(
                    "address-too-long",
                    "A part of the address is longer than any name; see the list of what there is.",
                )
            )
        return parts

    @property
    def query(self) -> Mapping[str, str]:
        return self.event.get("queryStringParameters") or {}

    @property
    def headers(self) -> Mapping[str, str]:
        """Names in lower case, as the gateway gives them."""
        return self.event.get("headers") or {}

    def caller(self) -> Caller:
        """Raises Unauthenticated in the authorizer's words (docs/decisions/0009)."""
        said = self.event.get("requestContext", {}).get("authorizer", {}).get("lambda") or {}
        if problem := said.get("problem"):
            raise Unauthenticated(REFUSALS.get(problem, REFUSALS["token-invalid"]))
        if not said:
            raise Unauthenticated(
                say("token-missing", "Send the header Authorization: Bearer <token>; see POST /v1/session.")
            )
        # The gateway may have cached the verdict for longer than the token lived.
        if float(said["exp"]) <= self.clock():
            raise Unauthenticated(REFUSALS["token-expired"])
        return Caller(said["fleet"], said["user"], said["role"], int(said.get("generation", 0)))

    def body(self) -> bytes:
        text = self.event.get("body") or ""
        if not self.event.get("isBase64Encoded"):
            return str(text).encode()
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise BadRequest(say("not-base64", "The body could not be decoded from base64.")) from error

    def json(self) -> Any:
        """Raises BadRequest with the place where the JSON breaks."""
        return read_json(self.body())


def read_json(body: bytes) -> Any:
    """Raises BadRequest with the place where the JSON breaks."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(
            say("not-json", "The body is not valid JSON: {error}. Send UTF-8 JSON.", error=str(error)),
            [{"field": "body", "reason": str(error)}],
        ) from error


def reply(status: int, body: Any = None, content_type: str = "application/json") -> Response:
    if body is None:
        return {"statusCode": status}
    return {
        "statusCode": status,
        "headers": {"content-type": content_type, "cache-control": "no-store"},
        "body": orjson.dumps(body).decode(),
    }


def refuse(problem: Problem) -> Response:
    response = reply(problem.status, problem.document(), "application/problem+json")
    response["headers"] |= problem.headers
    return response


def answer(act: Callable[[Request], Response], event: Mapping[str, Any], log: Log) -> Response:
    """Run one endpoint: a Problem becomes its document; anything else is logged and a 500 without detail.
    So is a Problem that is a 500, with its detail.
    """
    try:
        return act(Request(event))
    except Problem as problem:
        if problem.status == Problem.status:
            log.exception("what it needs cannot be had")
        return refuse(problem)
    except Exception:  # the one place where an unforeseen error becomes an answer
        log.exception("unforeseen error")
        unforeseen = say("unforeseen", "The error is logged under this request's id; please try again.")
        return refuse(Problem(unforeseen))
