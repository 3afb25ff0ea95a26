"""The HTTP APIs: route, authorizer, event, function, response."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import orjson
from aiohttp import web

from local.gateway import cors
from local.gateway.authorize import Authorization
from local.gateway.event import Asked, put_body, response
from local.gateway.refusal import Refusal
from local.gateway.routes import Found, Routes
from local.worker.answer import Invoke

INTEGRATION_S = 30.0
EVENT_LIMIT = 6 * 1024 * 1024
_TOO_LARGE = (
    f"A request may carry {EVENT_LIMIT} bytes at most, as the function's event: about 4.5 MB when it is "
    "not text, which grows in base64. Send it in smaller parts."
)


class HttpGateway:
    def __init__(self, routes: Routes, invoke: Invoke, authorization: Authorization) -> None:
        self.routes = routes
        self._invoke, self._authorization = invoke, authorization

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse | None:
        """None when no API has a route for the path, whatever the method."""
        asked = Asked.read(request)
        api = self.routes.api_for(asked.path)
        if api is None:
            return None
        if api.cors is not None and cors.is_preflight(request):
            return cors.preflight(api.cors, request)
        found = self.routes.find(asked.method, asked.path)
        try:
            answer = await self._answer(request, asked, found)
        except Refusal as refusal:
            answer = refusal.response()
            if refusal.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                answer.force_close()  # the rest of the body is never read
        api = found.api if found else api
        answer.headers["apigw-requestid"] = asked.request_id
        if api.cors is not None:
            cors.apply(api.cors, request, answer)
        return answer

    def forget_verdicts(self) -> None:
        self._authorization.forget()

    async def _answer(self, request: web.BaseRequest, asked: Asked, found: Found | None) -> web.Response:
        if found is None:
            raise Refusal(HTTPStatus.NOT_FOUND, f"There is no route {asked.method} {asked.path}.")
        route = found.route
        event = asked.event(found.api.id, route.key, found.variables)
        if route.authorizer is not None:
            context = await self._authorization.context(found.api, route, asked, event)
            event["requestContext"]["authorizer"] = {"lambda": context}
        put_body(event, await _body(request))
        payload = orjson.dumps(event)
        if len(payload) > EVENT_LIMIT:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE)
        try:
            answer = await asyncio.wait_for(self._invoke(route.function, payload), INTEGRATION_S)
        except TimeoutError:
            why = f"The function behind {route.key} did not answer within {INTEGRATION_S:.0f} s; try again."
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, why) from None
        if answer.failed:
            why = f"The function behind {route.key} failed: {answer.reason}"
            raise Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, why)
        return response(answer.payload)


async def _body(request: web.BaseRequest) -> bytes:
    """At most EVENT_LIMIT bytes. Raises Refusal (413) as soon as it is known to be more."""
    if (request.content_length or 0) > EVENT_LIMIT:
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE)
    if request.headers.get("expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0
    parts: list[bytes] = []
    size = 0
    async for part in request.content.iter_any():
        size += len(part)
        if size > EVENT_LIMIT:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE)
        parts.append(part)
    return b"".join(parts)
