"""The HTTP APIs of the stacks, read from their OpenAPI documents with API Gateway's extensions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.template.stacks import Stack
from local.trouble import Trouble

API = "AWS::ApiGatewayV2::Api"
_METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "x-amazon-apigateway-any-method"}
_FUNCTION = re.compile(r":function:(?P<name>[A-Za-z0-9_-]+)")


@dataclass(frozen=True, slots=True)
class Authorizer:
    """A REQUEST authorizer with payload 2.0 and simple responses."""

    function: str
    identity: tuple[str, ...]
    """`$request.header.Authorization` and the like; all must be present."""
    ttl_s: float


@dataclass(frozen=True, slots=True)
class Cors:
    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    expose: tuple[str, ...] = ()
    max_age_s: int | None = None
    credentials: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    function: str
    authorizer: Authorizer | None

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class HttpApi:
    id: str
    routes: tuple[Route, ...]
    cors: Cors | None = field(default=None)


def http_apis(stack: Stack) -> Iterator[HttpApi]:
    """Raises Trouble that names the API's document and the operation."""
    for logical in stack.of_type(API):
        properties = stack.resolver.properties(logical)
        if properties.get("ProtocolType") == "WEBSOCKET":
            continue
        at = f"{stack.source}: Resources.{logical}"
        document = properties.get("Body")
        if not isinstance(document, dict):
            raise Trouble(f"{at}: the laptop runtime reads an HTTP API's routes from its DefinitionBody.")
        schemes = document.get("components", {}).get("securitySchemes", {})
        authorizers = {name: _authorizer(scheme, f"{at}: {name}") for name, scheme in schemes.items()}
        routes = tuple(_routes(document, authorizers, at))
        yield HttpApi(stack.resolver.ref(logical, at), routes, _cors(document))


def function_name(uri: str, at: str) -> str:
    """The function in an ARN or in API Gateway's invocation address of one."""
    if found := _FUNCTION.search(uri):
        return found["name"]
    raise Trouble(f"{at}: {uri} is not the ARN of a function.")


def _routes(document: Mapping[str, Any], authorizers: Mapping[str, Authorizer], at: str) -> Iterator[Route]:
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            if method.lower() not in _METHODS:
                continue
            where = f"{at}: {method.upper()} {path}"
            integration = operation.get("x-amazon-apigateway-integration")
            if not integration:
                raise Trouble(f"{where} has no x-amazon-apigateway-integration.")
            if str(integration.get("payloadFormatVersion")) != "2.0":
                raise Trouble(f"{where}: the laptop runtime speaks payloadFormatVersion 2.0 only.")
            security: Sequence[Mapping[str, Any]] = operation.get("security", document.get("security", []))
            names = [name for requirement in security for name in requirement]
            for name in names:
                if name not in authorizers:
                    raise Trouble(f"{where}: there is no security scheme {name}.")
            yield Route(
                method="ANY" if method.startswith("x-") else method.upper(),
                path=path,
                function=function_name(integration["uri"], where),
                authorizer=authorizers[names[0]] if names else None,
            )


def _authorizer(scheme: Mapping[str, Any], at: str) -> Authorizer:
    said = scheme.get("x-amazon-apigateway-authorizer", {})
    version, simple = str(said.get("authorizerPayloadFormatVersion")), said.get("enableSimpleResponses")
    if said.get("type", "").lower() != "request" or version != "2.0" or not simple:
        raise Trouble(
            f"{at}: the laptop runtime runs REQUEST authorizers with payload 2.0 and simple responses."
        )
    return Authorizer(
        function=function_name(said["authorizerUri"], at),
        identity=tuple(part.strip() for part in said.get("identitySource", "").split(",") if part.strip()),
        ttl_s=float(said.get("authorizerResultTtlInSeconds", 300)),
    )


def _cors(document: Mapping[str, Any]) -> Cors | None:
    said = document.get("x-amazon-apigateway-cors")
    if not said:
        return None
    return Cors(
        origins=tuple(said.get("allowOrigins", ())),
        methods=tuple(said.get("allowMethods", ())),
        headers=tuple(header.lower() for header in said.get("allowHeaders", ())),
        expose=tuple(said.get("exposeHeaders", ())),
        max_age_s=said.get("maxAge"),
        credentials=bool(said.get("allowCredentials")),
    )
