"""The real authorizer function, asked as API Gateway asks it, with its cache.

Source: AWS, "Control access to HTTP APIs with AWS Lambda authorizers".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import orjson

from local.gateway.api import Authorizer, HttpApi, Route
from local.gateway.event import Asked, query_parameters
from local.gateway.refusal import Refusal
from local.template.attributes import Place
from local.worker.answer import Invoke

CACHE_LIMIT = 10_000


class Authorization:
    def __init__(self, invoke: Invoke, place: Place, clock: Callable[[], float] = time.monotonic) -> None:
        self._invoke, self._place, self._clock = invoke, place, clock
        self._cache: dict[tuple[str, Authorizer, tuple[str, ...]], tuple[float, Mapping[str, Any]]] = {}

    async def context(
        self, api: HttpApi, route: Route, asked: Asked, event: dict[str, Any]
    ) -> Mapping[str, Any]:
        """What the authorizer says of the caller. Raises Refusal: 401, 403 or 500 as AWS."""
        authorizer = route.authorizer
        assert authorizer is not None  # noqa: S101 (asked only for routes that have one)
        identity = tuple(_identity(source, asked, route) for source in authorizer.identity)
        if not all(identity):
            raise Refusal(
                HTTPStatus.UNAUTHORIZED, f"This route needs {', '.join(map(_spoken, authorizer.identity))}."
            )
        key = (api.id, authorizer, identity)
        kept = self._cache.get(key)
        if kept is not None and kept[0] > self._clock():
            return _allowed(kept[1])
        said = await self._ask(authorizer, identity, api, route, asked, event)
        if authorizer.ttl_s > 0 and identity:
            if len(self._cache) >= CACHE_LIMIT:
                del self._cache[next(iter(self._cache))]
            self._cache[key] = (self._clock() + authorizer.ttl_s, said)
        return _allowed(said)

    async def _ask(
        self,
        authorizer: Authorizer,
        identity: tuple[str, ...],
        api: HttpApi,
        route: Route,
        asked: Asked,
        event: dict[str, Any],
    ) -> Mapping[str, Any]:
        arn = self._place.arn("execute-api", f"{api.id}/$default/{asked.method}{asked.path}")
        question = {**event, "type": "REQUEST", "routeArn": arn, "identitySource": list(identity)}
        answer = await self._invoke(authorizer.function, orjson.dumps(question))
        said = orjson.loads(answer.payload)
        if answer.failed or not isinstance(said, dict) or not isinstance(said.get("isAuthorized"), bool):
            what = answer.reason if answer.failed else "it did not say isAuthorized true or false"
            why = f"The authorizer of {route.key} failed: {what}"
            raise Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, why)
        return said

    def forget(self) -> None:
        """The authorizer's source has changed: what it said before no longer counts."""
        self._cache.clear()


def _allowed(said: Mapping[str, Any]) -> Mapping[str, Any]:
    if not said["isAuthorized"]:
        raise Refusal(HTTPStatus.FORBIDDEN, "The authorizer refused this request.")
    context: Mapping[str, Any] = said.get("context") or {}
    return context


def _identity(source: str, asked: Asked, route: Route) -> str:
    kind, _, name = source.removeprefix("$").partition(".")
    if kind == "request":
        where, _, name = name.partition(".")
        values = asked.headers if where == "header" else query_parameters(asked.query)
        return values.get(name.lower() if where == "header" else name, "")
    return route.key if name == "routeKey" else ""


def _spoken(source: str) -> str:
    where, _, name = source.removeprefix("$request.").partition(".")
    return f"the {'header' if where == 'header' else 'query parameter'} {name}"
