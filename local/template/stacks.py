"""The project's stacks in the order of their deployment: the pipeline, then those below stacks/."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.settings import ACCOUNT, STAGE, Settings
from local.template import document
from local.template.attributes import Place
from local.template.resolve import Resolver
from local.template.translate import translate
from local.trouble import Trouble

PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True)
class Stack:
    name: str
    source: Path
    resolver: Resolver
    asked: Mapping[str, str]
    """Parameters that take what an SSM parameter holds: their names, and its."""

    def hear(self, name: str, value: str) -> None:
        """What the SSM parameter `name` holds in truth: a stream has its ARN only once it is there."""
        told = {parameter: value for parameter, asked in self.asked.items() if asked == name}
        self.resolver.parameters = {**self.resolver.parameters, **told}

    def of_type(self, *kinds: str) -> Iterator[str]:
        """The logical ids of the resources of these types."""
        return (name for name, resource in self.resolver.resources.items() if resource["Type"] in kinds)


Localise = Callable[[str], str]
"""Turns an address of an AWS API into the laptop's."""


def load(settings: Settings, localise: Localise) -> list[Stack]:
    """Raises Trouble that names file and place.

    A parameter of type AWS::SSM::Parameter::Value<String> takes what an earlier stack's
    AWS::SSM::Parameter of that name holds, as it would when deployed in this order.
    """
    place = Place(settings.partition, settings.region, ACCOUNT)
    published: dict[str, str] = {}
    stacks: list[Stack] = []
    unknown = set(settings.parameters)
    for name, source in sources(settings.root):
        template = document.load(source)
        if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
            raise Trouble(f"{source} has no Resources; it is not a template.")
        declared = template.get("Parameters") or {}
        unknown -= declared.keys()
        parameters = dict(_parameters(source, declared, settings.parameters, published))
        plain = translate(source, template, parameters, settings.region, settings.state / "templates")
        resolver = Resolver(source, f"milepost-{STAGE}-{name}", plain, place, parameters)
        stack = Stack(name, source, resolver, _asked(template.get("Parameters") or {}))
        for logical in stack.of_type("AWS::SSM::Parameter"):
            properties = stack.resolver.properties(logical)
            published[properties["Name"]] = localise(str(properties["Value"]))
        stacks.append(stack)
    if unknown:
        raise Trouble(f"PARAMETERS: no template has {', '.join(sorted(unknown))}.")
    return stacks


def sources(root: Path) -> Iterator[tuple[str, Path]]:
    yield PIPELINE, root / "template.yaml"
    for source in sorted(root.glob("stacks/*/template.yaml")):
        yield source.parent.name, source


def _asked(declared: Mapping[str, Any]) -> dict[str, str]:
    found_by_name = (it for it in declared.items() if _by_name(it[1]))
    return {name: str(parameter["Default"]) for name, parameter in found_by_name}


def _by_name(parameter: Mapping[str, Any]) -> bool:
    return str(parameter.get("Type", "String")).startswith("AWS::SSM::Parameter::Value")


def _parameters(
    source: Path, declared: Mapping[str, Any], given: Mapping[str, str], published: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    for name, parameter in declared.items():
        kind = str(parameter.get("Type", "String"))
        if "Default" not in parameter:
            raise Trouble(f"{source}: Parameters.{name}: the laptop runtime needs a Default.")
        value = given.get(name, str(parameter["Default"]))
        if _by_name(parameter):
            if value not in published:
                raise Trouble(f"{source}: Parameters.{name}: no stack before this one publishes {value}.")
            value = published[value]
        yield name, value.split(",") if kind in ("CommaDelimitedList", "List<Number>") else value
