"""The API definitions, and whether an answer is what they promise."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from local.template import document

ROOT = Path(__file__).parent.parent


@cache
def definitions() -> dict[str, Any]:
    """Every openapi.yaml by its path in the repository."""
    files = [
        path
        for folder in ("ingest", "processors", "stacks")
        for path in (ROOT / folder).rglob("openapi.yaml")
    ]
    return {str(path.relative_to(ROOT)): document.load(path) for path in files}


@cache
def operations() -> dict[str, tuple[Any, Any]]:
    """Route, such as "POST /v1/tasks", to its API definition and its operation."""
    return {
        f"{method.upper()} {path}": (api, operation)
        for api in definitions().values()
        for path, methods in api["paths"].items()
        for method, operation in methods.items()
    }


def function_of(operation: Any) -> str:
    """The logical id of the function behind an operation."""
    return operation["x-amazon-apigateway-integration"]["uri"]["Fn::GetAtt"][0]


def contents(api: Any, part: Any) -> dict[str, Any]:
    """What a response or request body may contain: media type → {"schema", "example"?}."""
    return dict(_plain(api, part).get("content", {}))


def check(api: Any, schema: Any, value: Any) -> None:
    """Raises jsonschema.ValidationError."""
    jsonschema.Draft4Validator(_plain(api, schema)).validate(value)


def _plain(api: Any, node: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: references put in place, `nullable` as a type."""
    if isinstance(node, list):
        return [_plain(api, it) for it in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = api
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        return _plain(api, target)
    plain = {name: _plain(api, value) for name, value in node.items()}
    return {"anyOf": [{"type": "null"}, plain]} if plain.pop("nullable", False) is True else plain
