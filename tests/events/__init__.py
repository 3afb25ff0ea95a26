"""Canonical Lambda events, as AWS sends them, shared by the unit tests."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

CONTEXT = SimpleNamespace(
    function_name="f",
    memory_limit_in_mb=256,
    invoked_function_arn="arn",
    aws_request_id="JKJaXmPLvHcESHA=",
    get_remaining_time_in_millis=lambda: 300_000,
)


@cache
def _text(name: str) -> str:
    return (Path(__file__).parent / name).read_text()


def http(route: str, body: str | None = None, **overrides: Any) -> dict[str, Any]:
    """An HTTP API event (payload 2.0) for `route`, such as "POST /v1/uploads"."""
    event: dict[str, Any] = json.loads(_text("http_api_v2.json"))
    method, path = route.split(" ")
    event["routeKey"], event["rawPath"], event["body"] = route, path, body
    event["requestContext"]["http"] |= {"method": method, "path": path}
    event["requestContext"]["routeKey"] = route
    return event | overrides


def signed_in(
    event: dict[str, Any],
    role: str,
    user: str = "wang",
    fleet: str = "demo",
    exp: float = 4e9,
    generation: int = 0,
) -> dict[str, Any]:
    """The event with an authorizer's verdict."""
    context = {"fleet": fleet, "user": user, "role": role, "exp": str(exp), "generation": generation}
    event["requestContext"]["authorizer"] = {"lambda": context}
    return event


def websocket(route: str, connection: str = "L0SM9cOFvHcCIhw=", ticket: str | None = None) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(_text("websocket.json"))
    event["requestContext"] |= {"routeKey": route, "connectionId": connection}
    if ticket is not None:
        event["queryStringParameters"] = {"ticket": ticket}
    return event
