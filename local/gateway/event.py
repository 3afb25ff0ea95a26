"""A request as the event of payload format 2.0, and a function's answer as the response.

Source: AWS, "Create AWS Lambda proxy integrations for HTTP APIs".
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote
from uuid import uuid4

import orjson
from aiohttp import web

from local.gateway.refusal import Refusal
from local.settings import ACCOUNT

_TEXT = ("text/", "application/json", "application/javascript", "application/xml", "application/problem+json")
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "content-length"})


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts of a request that events are made of, worked out once."""

    method: str
    path: str
    """Decoded, as API Gateway matches and hands it on."""
    query: str
    headers: dict[str, str]
    cookies: list[str]
    request_id: str
    source_ip: str

    @classmethod
    def read(cls, request: web.BaseRequest) -> Asked:
        raw_path, _, query = request.raw_path.partition("?")
        headers: dict[str, str] = {}
        for name, value in request.headers.items():
            low = name.lower()
            headers[low] = f"{headers[low]},{value}" if low in headers else value
        cookies = [part.strip() for part in headers.pop("cookie", "").split(";") if part.strip()]
        source_ip = request.remote or ""
        headers |= {
            "x-forwarded-for": source_ip,
            "x-forwarded-proto": "http",
            "x-forwarded-port": str(request.url.port),
        }
        return cls(request.method, unquote(raw_path), query, headers, cookies, str(uuid4()), source_ip)

    def event(self, api: str, route_key: str, variables: Mapping[str, str]) -> dict[str, Any]:
        """What function and authorizer are both given."""
        now = time.time()
        event: dict[str, Any] = {
            "version": "2.0",
            "routeKey": route_key,
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": self.headers,
            "requestContext": {
                "accountId": ACCOUNT,
                "apiId": api,
                "domainName": self.headers.get("host", ""),
                "domainPrefix": api,
                "http": {
                    "method": self.method,
                    "path": self.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": self.source_ip,
                    "userAgent": self.headers.get("user-agent", ""),
                },
                "requestId": self.request_id,
                "routeKey": route_key,
                "stage": "$default",
                "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
                "timeEpoch": int(now * 1000),
            },
        }
        if self.cookies:
            event["cookies"] = self.cookies
        if self.query:
            event["queryStringParameters"] = query_parameters(self.query)
        if variables:
            event["pathParameters"] = dict(variables)
        return event


def query_parameters(query: str) -> dict[str, str]:
    """Decoded; what is given more than once is joined with commas."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def put_body(event: dict[str, Any], body: bytes) -> None:
    """Text as it is; anything else, and what is compressed, in base64."""
    headers = event["headers"]
    plain = headers.get("content-type", "text/plain").startswith(_TEXT) and "content-encoding" not in headers
    event["isBase64Encoded"] = not plain
    if not body:
        event["isBase64Encoded"] = False
        return
    try:
        event["body"] = body.decode() if plain else base64.b64encode(body).decode()
    except UnicodeDecodeError:
        event["body"], event["isBase64Encoded"] = base64.b64encode(body).decode(), True


def response(payload: bytes) -> web.Response:
    """Raises Refusal (500) for an answer that API Gateway would not take."""
    try:
        answer = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise Refusal(
            HTTPStatus.INTERNAL_SERVER_ERROR, f"The function's answer is not JSON: {error}."
        ) from error
    if not isinstance(answer, dict) or "statusCode" not in answer:
        text = answer.encode() if isinstance(answer, str) else payload
        return web.Response(body=text, content_type="application/json")
    try:
        status = int(answer["statusCode"])
        content = answer.get("body") or ""
        said = content if isinstance(content, str) else orjson.dumps(content).decode()
        body = base64.b64decode(said, validate=True) if answer.get("isBase64Encoded") else said.encode()
        made = web.Response(status=status, body=body)
        headers = {str(name).lower(): str(value) for name, value in (answer.get("headers") or {}).items()}
        made.headers["content-type"] = headers.pop(
            "content-type", "text/plain;charset=UTF-8" if body else "text/plain"
        )
        for name, value in headers.items():
            if name not in _HOP_BY_HOP:
                made.headers[name] = value
        for cookie in answer.get("cookies") or ():
            made.headers.add("set-cookie", cookie)
    except (ValueError, TypeError, AttributeError) as error:
        raise Refusal(
            HTTPStatus.INTERNAL_SERVER_ERROR, f"The function's answer is malformed: {error}."
        ) from error
    return made
