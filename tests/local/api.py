"""A plain HTTP client for the tests: JSON in, status and JSON out."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any


def call(base: str, route: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
    """route: "POST /v1/uploads"; body: bytes are sent as they are, anything else as JSON."""
    method, path = route.split(" ")
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(base + path, data, headers, method=method)  # noqa: S310 - our own loopback
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, _json(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, _json(error.read())


def _json(raw: bytes) -> Any:
    return json.loads(raw) if raw else None


def signed_in(base: str, admin: str, user: str, role: str = "courier") -> str:
    """The token of a new user, who has signed in with a password. admin: an admin's token."""
    wanted = {"user": user, "role": role, "password": "a long password"}
    assert call(base, "POST /v1/users", wanted, admin)[0] == 201
    status, session = call(base, "POST /v1/session", {it: wanted[it] for it in ("user", "password")})
    assert status == 200
    return session["token"]


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def fetch(url: str, token: str | None = None) -> tuple[int, Any, bytes]:
    """GET: status, headers and body; a redirect is not followed."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()
