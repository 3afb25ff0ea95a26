"""What a module imports, followed through the project's own packages by reading, never by running."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from local.trouble import Trouble


class Import(NamedTuple):
    """`names`: the module that a statement loads, then those that its other names may be."""

    names: tuple[str, ...]
    line: int


@dataclass
class Closure:
    """Files of the project, and what is neither ours nor Python's, with who asks for it first."""

    files: set[Path] = field(default_factory=set)
    packages: dict[str, tuple[Path, int]] = field(default_factory=dict)
    """Dotted name → file, line."""


def closure(root: Path, module: str) -> Closure:
    """Everything that importing `module` loads, packages' own `__init__` included. Raises Trouble."""
    found = Closure()
    waiting = list(_files(root, module))
    if not waiting:
        raise Trouble(f"There is no module {module} below {root}.")
    while waiting:
        file = waiting.pop()
        if file in found.files:
            continue
        found.files.add(file)
        waiting += _follow(root, file, found)
    return found


def _follow(root: Path, file: Path, found: Closure) -> Iterator[Path]:
    """Files of ours that one file imports; what is not ours is noted in `found`. Raises Trouble."""
    at = file.relative_to(root)
    try:
        statements = _imports(file.read_bytes())
    except SyntaxError as error:
        raise Trouble(f"{at}:{error.lineno} is not Python: {error.msg}.") from None
    for names, line in statements:
        first, *submodules = names
        if first.startswith("."):
            raise Trouble(f"{at}:{line}: write the import in full, from its top package, as everywhere here.")
        top = first.partition(".")[0]
        if (root / top / "__init__.py").is_file():
            if not any(_files(root, first)):
                raise Trouble(f"{at}:{line} imports {first}, which is not there.")
            for name in (first, *submodules):
                yield from _files(root, name)
        elif top not in sys.stdlib_module_names:
            found.packages.setdefault(first, (file, line))


def _files(root: Path, module: str) -> Iterator[Path]:
    """The files that importing the module runs: its own and its packages'. None where there is no such."""
    base = root.joinpath(*module.split("."))
    own = next((f for f in (base.with_suffix(".py"), base / "__init__.py") if f.is_file()), None)
    if own is None:
        return
    yield own
    for folder in base.relative_to(root).parents:
        if folder.parts and (root / folder / "__init__.py").is_file():
            yield root / folder / "__init__.py"


@cache
def _imports(source: bytes) -> tuple[Import, ...]:
    """By content: most functions share most files."""
    return tuple(_read(ast.parse(source)))


def _read(node: ast.AST) -> Iterator[Import]:
    """Also those inside functions: they run in the end. Those for the type checker alone are left out."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import((alias.name,), node.lineno)
    elif isinstance(node, ast.ImportFrom):
        base = "." * node.level + (node.module or "")
        yield Import((base, *(f"{base}.{alias.name}" for alias in node.names)), node.lineno)
    elif isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
        for otherwise in node.orelse:
            yield from _read(otherwise)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _read(child)
