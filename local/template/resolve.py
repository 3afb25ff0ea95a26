"""CloudFormation's intrinsic functions for one stack at one place, without deploying it.

Source: AWS CloudFormation user guide, "Intrinsic function reference" and "Pseudo parameters reference".
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from local.template import document
from local.template.attributes import Identity, Place, identify
from local.trouble import Trouble

_SUB = re.compile(r"\$\{(?P<literal>!)?(?P<name>[^}]+)\}")


class _NoValue:
    """`AWS::NoValue`: the property it stands for is left out."""


NO_VALUE = _NoValue()


class Resolver:
    def __init__(
        self,
        source: Path,
        stack: str,
        template: Mapping[str, Any],
        place: Place,
        parameters: Mapping[str, Any],
    ) -> None:
        """`parameters` has a value for every parameter of the template."""
        self.source, self.stack, self.place, self.parameters = source, stack, place, parameters
        self.template = template
        self.created: dict[tuple[str, str], str] = {}
        """GetAtt values known only once the resource exists: (logical id, attribute) → value."""
        self._conditions: dict[str, bool] = {}

    @cached_property
    def resources(self) -> dict[str, Mapping[str, Any]]:
        """The resources whose condition holds, by logical id, as written."""
        return {
            name: resource
            for name, resource in self.template.get("Resources", {}).items()
            if "Condition" not in resource or self.condition(resource["Condition"])
        }

    def properties(self, logical: str) -> dict[str, Any]:
        """The resolved properties of one resource."""
        written = self.resources[logical].get("Properties", {})
        return dict(self.resolve(written, f"Resources.{logical}.Properties"))

    def identity(self, logical: str, at: str) -> Identity:
        resource = self.resources.get(logical)
        if resource is None:
            raise self._trouble(at, f"{logical} is neither a resource nor a parameter of this template")
        written = resource.get("Properties", {})
        # Only what names a resource: the rest may refer back to it.
        names = {
            k: written[k]
            for k in written
            if k in ("Type", "Value", "StageName", "ProtocolType") or k.endswith("Name")
        }
        resolved = self.resolve(names, f"Resources.{logical}.Properties")
        return identify(self.place, self.stack, logical, resource["Type"], resolved)

    def resolve(self, value: Any, at: str = "") -> Any:
        """`value` without intrinsic functions. Raises Trouble that names file and place."""
        if isinstance(value, list):
            items = (self.resolve(item, f"{at}[{i}]") for i, item in enumerate(value))
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name in ("Ref", "Condition") or str(name).startswith("Fn::"):
                return self._call(name, argument, at)
        pairs = ((key, self.resolve(item, f"{at}.{key}")) for key, item in value.items())
        return {key: item for key, item in pairs if item is not NO_VALUE}

    def condition(self, name: str) -> bool:
        if name not in self._conditions:
            written = self.template.get("Conditions", {})
            if name not in written:
                raise self._trouble("Conditions", f"there is no condition {name}")
            self._conditions[name] = bool(self.resolve(written[name], f"Conditions.{name}"))
        return self._conditions[name]

    def _call(self, name: str, argument: Any, at: str) -> Any:
        function = _FUNCTIONS.get(name)
        if function is None:
            raise self._trouble(
                at, f"{name} is not known to the laptop runtime; use Ref, GetAtt, Sub or a parameter"
            )
        try:
            return function(self, argument, at)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise self._trouble(at, f"{name} of {argument} cannot be resolved ({error!r})") from error

    def ref(self, name: str, at: str) -> Any:
        if name in self.parameters:
            return self.parameters[name]
        pseudo = {
            "AWS::Region": self.place.region,
            "AWS::Partition": self.place.partition,
            "AWS::AccountId": self.place.account,
            "AWS::URLSuffix": self.place.url_suffix,
            "AWS::StackName": self.stack,
            "AWS::StackId": self.place.arn("cloudformation", f"stack/{self.stack}/local"),
            "AWS::NotificationARNs": [],
            "AWS::NoValue": NO_VALUE,
        }
        return pseudo[name] if name in pseudo else self.identity(name, at).ref

    def get_att(self, argument: Any, at: str) -> str:
        logical, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        if (logical, attribute) in self.created:
            return self.created[logical, attribute]
        known = self.identity(logical, at).attributes
        if attribute not in known:
            raise self._trouble(at, f"the laptop runtime knows no attribute {attribute} of {logical}")
        return known[attribute]

    def sub(self, argument: Any, at: str) -> str:
        text, given = (argument, {}) if isinstance(argument, str) else argument
        values = self.resolve(given, at)

        def value(found: re.Match[str]) -> str:
            name = found["name"].strip()
            if found["literal"]:
                return f"${{{name}}}"
            if name in values:
                return str(values[name])
            return str(self.get_att(name, at) if "." in name else self.ref(name, at))

        return _SUB.sub(value, text)

    def find_in_map(self, argument: Any, at: str) -> Any:
        name, first, second, *options = self.resolve(argument, at)
        try:
            return self.resolve(self.template["Mappings"][name][first][second], at)
        except KeyError:
            if options and "DefaultValue" in options[0]:
                return options[0]["DefaultValue"]
            raise self._trouble(at, f"the mapping {name} has no {first}.{second}") from None

    def choose(self, argument: Any, at: str) -> Any:
        name, then, otherwise = argument
        return self.resolve(then if self.condition(name) else otherwise, at)

    def transform(self, argument: Any, at: str) -> Any:
        if argument.get("Name") != "AWS::Include":
            raise self._trouble(
                at, f"the transform {argument.get('Name')} is not known to the laptop runtime"
            )
        location = self.resolve(argument["Parameters"]["Location"], at)
        path = self.source.parent / location
        return self.resolve(document.load(path), str(location))

    def _trouble(self, at: str, what: str) -> Trouble:
        return Trouble(f"{self.source}: {at}: {what}.")


Function = Callable[[Resolver, Any, str], Any]


def _of(act: Callable[..., Any]) -> Function:
    """A function of its resolved arguments alone."""
    return lambda resolver, argument, at: act(*resolver.resolve(argument, at))


_FUNCTIONS: dict[str, Function] = {
    "Ref": Resolver.ref,
    "Condition": lambda resolver, name, _: resolver.condition(name),
    "Fn::GetAtt": Resolver.get_att,
    "Fn::Sub": Resolver.sub,
    "Fn::FindInMap": Resolver.find_in_map,
    "Fn::If": Resolver.choose,
    "Fn::Transform": Resolver.transform,
    "Fn::Join": _of(lambda by, parts: by.join(str(part) for part in parts)),
    "Fn::Select": _of(lambda index, items: items[int(index)]),
    "Fn::Split": _of(lambda by, text: text.split(by)),
    "Fn::Equals": _of(lambda a, b: str(a) == str(b)),
    "Fn::Not": _of(lambda a: not a),
    "Fn::And": _of(lambda *all_of: all(all_of)),
    "Fn::Or": _of(lambda *any_of: any(any_of)),
    "Fn::Base64": lambda resolver, text, at: base64.b64encode(
        str(resolver.resolve(text, at)).encode()
    ).decode(),
}
