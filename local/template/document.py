"""YAML of CloudFormation: `!Ref`, `!GetAtt a.b`, `!Sub` and the rest as their long forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from local.trouble import Trouble


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    pass


def _tag(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tag)
# A date stays text: `Version: 2012-10-17` is a policy's version, not a day.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(path: Path) -> Any:
    """Raises Trouble with file, line and column."""
    try:
        return yaml.load(path.read_text(), _Loader)  # noqa: S506 (a SafeLoader)
    except FileNotFoundError:
        raise Trouble(f"{path} is missing; the runtime needs it to know what to run.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        at = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise Trouble(f"{path}{at} is not valid YAML: {error.problem}.") from None
