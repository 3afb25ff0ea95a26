"""The WebSocket API of the stacks: which function each route runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.gateway.api import API, function_name
from local.template.stacks import Stack
from local.trouble import Trouble

_SELECTION = "$request.body."


@dataclass(frozen=True, slots=True)
class LiveApi:
    id: str
    stage: str
    selector: str
    """The member of a message's JSON body that names its route."""
    routes: Mapping[str, str]
    """Route key → function."""


def live_api(stacks: list[Stack]) -> LiveApi | None:
    """The one WebSocket API, if there is one. Raises Trouble for what cannot be run here."""
    found = [api for stack in stacks for api in _apis(stack)]
    if len(found) > 1:
        raise Trouble(f"The laptop runtime serves one WebSocket API; the templates have {len(found)}.")
    return found[0] if found else None


def _apis(stack: Stack) -> list[LiveApi]:
    apis = []
    for logical in stack.of_type(API):
        properties = stack.resolver.properties(logical)
        if properties.get("ProtocolType") != "WEBSOCKET":
            continue
        at = f"{stack.source}: Resources.{logical}"
        selection = properties.get("RouteSelectionExpression", "")
        if not selection.startswith(_SELECTION):
            raise Trouble(f"{at}: RouteSelectionExpression {selection} is not of the form {_SELECTION}name.")
        api = stack.resolver.ref(logical, at)
        apis.append(LiveApi(api, _stage(stack, api), selection.removeprefix(_SELECTION), _routes(stack, api)))
    return apis


def _routes(stack: Stack, api: str) -> dict[str, str]:
    integrations = {
        f"integrations/{stack.resolver.ref(logical, '')}": stack.resolver.properties(logical)
        for logical in stack.of_type("AWS::ApiGatewayV2::Integration")
    }
    routes = {}
    for logical in stack.of_type("AWS::ApiGatewayV2::Route"):
        route, at = stack.resolver.properties(logical), f"{stack.source}: Resources.{logical}"
        if route["ApiId"] != api:
            continue
        if route.get("AuthorizationType", "NONE") != "NONE":
            raise Trouble(f"{at}: the laptop runtime runs WebSocket routes without an authorizer only.")
        if route.get("Target") not in integrations:
            raise Trouble(f"{at}: Target {route.get('Target')} is not integrations/ and one of the template.")
        routes[route["RouteKey"]] = function_name(integrations[route["Target"]]["IntegrationUri"], at)
    return routes


def _stage(stack: Stack, api: str) -> str:
    stages = (stack.resolver.properties(logical) for logical in stack.of_type("AWS::ApiGatewayV2::Stage"))
    return next((stage["StageName"] for stage in stages if stage["ApiId"] == api), "$default")
