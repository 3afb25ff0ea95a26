"""What the templates deploy, as far as it is billed: read from them, so that a change there shows here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cli.cost.cloud.meter import Meter
from cli.cost.cloud.table import Index, Table

ROOT = Path(__file__).resolve().parent.parent.parent


class _Loader(yaml.SafeLoader):
    """CloudFormation's short forms as mappings: `!Ref X` is {"Ref": "X"}."""


def _short_form(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}  # type: ignore[arg-type]


_Loader.add_multi_constructor("!", _short_form)


@dataclass(frozen=True, slots=True)
class Function:
    """memory_mb: of the template's; handler: `module.function`."""

    handler: str
    memory_mb: int


@dataclass(frozen=True, slots=True)
class Deployed:
    """The pipeline at its parameters' defaults."""

    functions: Mapping[str, Function]
    environment: Mapping[str, str]
    """Of all functions together; a reference to a resource is its logical id, one to a
    parameter its default."""
    parameters: Mapping[str, Any]
    resources: Mapping[str, Any]
    verdict_s: int
    """How long API Gateway keeps what the authorizer said."""
    access_log: str

    @classmethod
    def read(cls, root: Path = ROOT) -> Deployed:
        template, api = (_load(root / name) for name in ("template.yaml", "ingest/openapi.yaml"))
        resources = template["Resources"]
        common = template["Globals"]["Function"]
        functions: dict[str, Function] = {}
        environment: dict[str, Any] = {}
        for name, properties in _of(resources, "AWS::Serverless::Function"):
            memory = properties.get("MemorySize", common["MemorySize"])
            functions[name] = Function(properties["Handler"], memory)
            environment |= properties.get("Environment", {}).get("Variables", {})
        parameters = {name: parameter.get("Default") for name, parameter in template["Parameters"].items()}
        token = api["components"]["securitySchemes"]["token"]
        return cls(
            functions,
            {name: _text(value, parameters) for name, value in environment.items()},
            parameters,
            resources,
            token["x-amazon-apigateway-authorizer"]["authorizerResultTtlInSeconds"],
            resources["HttpApi"]["Properties"]["AccessLogSettings"]["Format"],
        )

    def batch_of(self, mapping: str) -> int:
        """The greatest number of records that the event source mapping hands on at once."""
        return int(self._value(self.resources[mapping]["Properties"].get("BatchSize", 100)))

    def lanes_of(self, mapping: str) -> int:
        """Batches of one shard that are processed at a time."""
        return int(self._value(self.resources[mapping]["Properties"].get("ParallelizationFactor", 1)))

    def tables(self, meter: Meter) -> dict[str, Table]:
        """Every table, empty, by logical id."""
        return {
            name: Table(name, _keys(p), tuple(_indexes(p)), "StreamSpecification" in p, meter)
            for name, p in _of(self.resources, "AWS::DynamoDB::Table")
        }

    def backed_up(self, table: str) -> bool:
        """Whether the table has point-in-time recovery."""
        settings = self.resources[table]["Properties"].get("PointInTimeRecoverySpecification", {})
        return bool(settings.get("PointInTimeRecoveryEnabled"))

    def _value(self, value: Any) -> Any:
        return self.parameters[value["Ref"]] if isinstance(value, dict) else value


def _load(file: Path) -> Any:
    return yaml.load(file.read_text(), _Loader)  # noqa: S506 - a SafeLoader


def _of(resources: Mapping[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((name, r["Properties"]) for name, r in resources.items() if r["Type"] == kind)


def _text(value: Any, parameters: Mapping[str, Any]) -> str:
    """A variable's value; what only AWS can fill in stands as `x`."""
    if not isinstance(value, dict):
        return str(value)
    ((kind, given),) = value.items()
    return str(parameters.get(given, given)) if kind == "Ref" else re.sub(r"\$\{[^}]*\}", "x", str(given))


def _keys(properties: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(key["AttributeName"] for key in properties["KeySchema"])


def _indexes(properties: Mapping[str, Any]) -> Iterator[Index]:
    for index in properties.get("GlobalSecondaryIndexes", ()):
        keys = _keys(index)
        kind = index["Projection"]["ProjectionType"]
        named = {*keys, *_keys(properties), *index["Projection"].get("NonKeyAttributes", ())}
        yield Index(index["IndexName"], keys, None if kind == "ALL" else frozenset(named))
