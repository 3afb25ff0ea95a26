"""The part of EventBridge's API that functions call: PutEvents.

Source: Amazon EventBridge API reference, PutEvents. As with timers (local/timers/api.py), the signature must
be there and is not checked.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web

from local.bus.bus import Bus

PATH = "/_aws/events"
_TYPE = "application/x-amz-json-1.1"


async def manage(bus: Bus, request: web.BaseRequest) -> web.Response:
    if not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256"):
        return _error(HTTPStatus.FORBIDDEN, "AccessDeniedException", "Missing Authentication Token")
    if request.headers.get("x-amz-target") != "AWSEvents.PutEvents":
        said = "The laptop runtime knows PutEvents only."
        return _error(HTTPStatus.NOT_IMPLEMENTED, "NotImplementedException", said)
    try:
        said = orjson.loads(await request.content.read())
        results = bus.put(said["Entries"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return _error(HTTPStatus.BAD_REQUEST, "ValidationException", f"Invalid request: {error}")
    failed = sum("ErrorCode" in result for result in results)
    return _json(HTTPStatus.OK, {"FailedEntryCount": failed, "Entries": results})


def _error(status: HTTPStatus, kind: str, message: str) -> web.Response:
    return _json(status, {"__type": kind, "message": message})


def _json(status: HTTPStatus, body: dict[str, Any]) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(body), content_type=_TYPE)
