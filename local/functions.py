"""The functions of the stacks: what each is called, runs, and is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.template.stacks import Stack
from local.trouble import Trouble

FUNCTION = "AWS::Lambda::Function"


@dataclass(frozen=True, slots=True)
class Function:
    logical: str
    name: str
    """As deployed; the last part of its ARN."""
    arn: str
    handler: str
    folder: Path
    """Where the handler's module is; the source runs in place."""
    requirements: Path
    timeout_s: float
    memory_mb: int
    concurrency: int | None
    """Reserved; None: unreserved."""
    environment: Mapping[str, str]
    label: str
    """Its folder below the project, as shown in the log."""


def functions(root: Path, stack: Stack, localise: Callable[[str], str]) -> Iterator[Function]:
    """Raises Trouble when a handler or its requirements are not there."""
    for logical in stack.of_type(FUNCTION):
        properties = stack.resolver.properties(logical)
        at = f"{stack.source}: Resources.{logical}"
        folder = handler_folder(root, str(properties.get("Handler", "")), at)
        reserved = properties.get("ReservedConcurrentExecutions")
        variables = properties.get("Environment", {}).get("Variables", {})
        yield Function(
            logical=logical,
            name=stack.resolver.ref(logical, at),
            arn=stack.resolver.get_att([logical, "Arn"], at),
            handler=properties["Handler"],
            folder=folder,
            requirements=nearest_requirements(root, folder, at),
            timeout_s=float(properties.get("Timeout", 3)),
            memory_mb=int(properties.get("MemorySize", 128)),
            concurrency=int(reserved) if reserved is not None else None,
            environment={name: localise(_text(value)) for name, value in variables.items()},
            label=folder.relative_to(root).as_posix(),
        )


def handler_folder(root: Path, handler: str, at: str) -> Path:
    module = handler.rpartition(".")[0].replace(".", "/")
    for file in (root / f"{module}.py", root / module / "__init__.py"):
        if module and file.exists():
            return file.parent
    raise Trouble(f"{at}: the handler {handler or '(none)'} has no module {module}.py in {root}.")


def nearest_requirements(root: Path, folder: Path, at: str) -> Path:
    """The nearest requirements.txt, upward from the handler."""
    for place in (folder, *folder.parents):
        if (place / "requirements.txt").exists():
            return place / "requirements.txt"
        if place == root:
            break
    raise Trouble(f"{at}: there is no requirements.txt in {folder} or above; `make requirements` writes it.")


def _text(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
