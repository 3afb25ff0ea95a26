"""The functions that the templates deploy: what each is called, and where its source and requirements are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.functions import handler_folder, nearest_requirements
from local.template import document
from local.template.stacks import sources
from local.trouble import Trouble

SERVERLESS = "AWS::Serverless::Function"


@dataclass(frozen=True, slots=True)
class Function:
    logical: str
    """`IngestReceive` for ingest/receive."""
    template: Path
    module: str
    """The handler's, `ingest.receive.handler`."""
    folder: Path
    requirements: Path
    python: str
    """The runtime's version, `3.13`."""
    code: Path
    """The folder to fill, where the template takes it from."""


def functions(root: Path) -> Iterator[Function]:
    """Of every template, in the order of deployment. Raises Trouble that names template and function."""
    for _, template in sources(root):
        whole = document.load(template)
        shared = whole.get("Globals", {}).get("Function", {})
        for logical, resource in whole["Resources"].items():
            if resource["Type"] == SERVERLESS:
                yield _function(root, template, logical, shared | resource["Properties"])


def pascal(folder: Path) -> str:
    """`ingest/receive` → `IngestReceive`."""
    return "".join(word.title() for part in folder.parts for word in re.split(r"[-_]", part))


def _function(root: Path, template: Path, logical: str, properties: dict[str, Any]) -> Function:
    at = f"{template.relative_to(root)}: Resources.{logical}"
    handler = str(properties.get("Handler", ""))
    folder = handler_folder(root, handler, at)
    named = pascal(folder.relative_to(root))
    if named != logical:
        raise Trouble(f"{at}: its handler lies in {folder.relative_to(root)}, so call it {named}.")
    code = root / ".build" / logical
    if (template.parent / str(properties.get("CodeUri"))).resolve() != code.resolve():
        raise Trouble(f"{at}: CodeUri must be the built folder, .build/{logical}/ of the project.")
    runtime = re.fullmatch(r"python(3\.\d+)", str(properties.get("Runtime")))
    if runtime is None:
        raise Trouble(f"{at}: Runtime must be such as python3.13, not {properties.get('Runtime')}.")
    requirements = nearest_requirements(root, folder, at)
    return Function(logical, template, handler.rpartition(".")[0], folder, requirements, runtime[1], code)
