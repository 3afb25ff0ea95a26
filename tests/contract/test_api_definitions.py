"""The API definitions: examples fit their schemas, and nothing stands there that AWS would refuse."""

from __future__ import annotations

import importlib

import pytest

from tests.schemas import check, contents, definitions, function_of, operations

ROUTES = sorted(operations())


@pytest.mark.parametrize("route", ROUTES)
def test_examples_fit_their_schemas(route) -> None:
    api, operation = operations()[route]
    parts = [operation.get("requestBody", {}), *operation["responses"].values()]
    for content in (content for part in parts for content in contents(api, part).values()):
        if "example" in content:
            check(api, content["schema"], content["example"])


@pytest.mark.parametrize("route", ROUTES)
def test_an_operation_says_who_may_call_it_and_what_is_refused(route) -> None:
    _, operation = operations()[route]
    # Per operation: what an HTTP API makes of `security` at the top of the file is not documented.
    secured = operation["security"] != []
    assert {"401", "403"} <= set(operation["responses"]) or not secured or route.startswith("GET ")
    assert "401" in operation["responses"]
    assert operation["x-amazon-apigateway-integration"]["payloadFormatVersion"] == "2.0"


@pytest.mark.parametrize("path", sorted(definitions()))
def test_nothing_that_an_include_refuses(path) -> None:
    api = definitions()[path]
    assert api["openapi"].startswith("3.0.")
    assert None not in list(values(api)), "CloudFormation refuses null anywhere in a template"
    authorizer = api["components"]["securitySchemes"]["token"]["x-amazon-apigateway-authorizer"]
    assert authorizer["enableSimpleResponses"] is True
    assert authorizer["authorizerPayloadFormatVersion"] == "2.0"
    assert "authorization" in api["x-amazon-apigateway-cors"]["allowHeaders"]


def values(node):
    if isinstance(node, dict | list):
        for value in node.values() if isinstance(node, dict) else node:
            yield from values(value)
    else:
        yield node


@pytest.mark.parametrize("function", ["accounts.session", "accounts.users", "accounts.devices"])
def test_accounts_functions_answer_what_is_routed_to_them(function) -> None:
    assert_dispatch(f"stacks.{function}")


@pytest.mark.parametrize(
    "function",
    ["alerts", "fleet", "payouts", "photos", "routes", "schedules", "tasks", "trips"],
)
def test_tasks_functions_answer_what_is_routed_to_them(function) -> None:
    assert_dispatch(f"stacks.tasks.{function}")


def test_trips_answers_what_is_routed_to_it() -> None:
    assert_dispatch("processors.trips")


def assert_dispatch(package: str) -> None:
    logical_id = "".join(part.title() for part in package.split("."))
    routed = {route for route, (_, operation) in operations().items() if function_of(operation) == logical_id}
    assert set(importlib.import_module(f"{package}.handler").ENDPOINTS) == routed
