"""The HTTP API in front of the functions: a request's event, kept verdicts, and what is billed a request."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from cli.cost.cloud.meter import CannotMeasure, Meter
from cli.cost.fleet import Sent
from cli.cost.functions import Invoker
from cli.replay.formats.own import Own

REQUEST_UNIT = 512 * 1024  # a request is billed by these


@dataclass
class Gateway:
    """verdict_s: how long a verdict is kept; token: of every courier, by name."""

    invoke: Invoker
    meter: Meter
    tokens: dict[str, str]
    verdict_s: float
    access_log: str
    header_bytes: int
    draw: Random
    _kept: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict)

    def upload(self, function: str, sent: Sent) -> None:
        """One request to POST /v1/uploads, behind the authorizer. Raises CannotMeasure unless it is taken."""
        token = self.tokens[sent.courier]
        request = Own().encode("", "app", token, sent.pings)
        body = request.body or b""
        event = _event(request.headers, body.decode())
        event["requestContext"]["authorizer"] = {"lambda": self._verdict(sent, token, event)}
        answer = self.invoke(function, event)
        if answer["statusCode"] != 200:
            raise CannotMeasure(f"an upload was answered {answer['statusCode']}: {answer.get('body')}")
        self.meter.add("http.requests", math.ceil(len(body) / REQUEST_UNIT))
        self.meter.add("http.body_bytes", len(body))
        self.meter.add("http.answer_bytes", len(answer["body"]) + self.header_bytes)
        self.meter.add("log.access_bytes", len(self.access_log))
        self.meter.add("log.access_lines")

    def _verdict(self, sent: Sent, token: str, event: dict[str, Any]) -> dict[str, Any]:
        """Verdicts grow old by the simulation's time."""
        kept = self._kept.get(token)
        if kept is None or sent.at_s >= kept[0]:
            said = self.invoke("IngestAuthorize", event | {"identitySource": [f"Bearer {token}"]})
            # Before the count begins they were given at any time, so that they do not end together.
            left_s = self.verdict_s * (self.draw.random() if sent.warm else 1)
            kept = self._kept[token] = (sent.at_s + left_s, said["context"])
        return kept[1]


def _event(headers: Mapping[str, str], body: str) -> dict[str, Any]:
    host = "abcdefghij.execute-api.us-east-1.amazonaws.com"
    sent = dict(headers) | {
        "host": host, "user-agent": "phone/1.0", "x-forwarded-for": "192.0.2.1", "x-forwarded-port": "443",
        "x-forwarded-proto": "https", "x-amzn-trace-id": "Root=1-6745b7a0-0123456789abcdef01234567",
    }  # fmt: skip
    route = "POST /v1/uploads"
    method, path = route.split()
    return {
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": "", "headers": sent,
        "requestContext": {
            "accountId": "123456789012", "apiId": "abcdefghij", "domainName": host,
            "requestId": "JKJaXmPLvHcESHA=",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
            "routeKey": route, "stage": "$default",
        },
        "body": body, "isBase64Encoded": False,
    }  # fmt: skip
