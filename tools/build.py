"""Fill .build/<LogicalId>/ with exactly what each function needs; what is up to date stays as it is.

A folder holds the project's files that the handler's module imports, directly or not, the data files
beside the handler, and the packages of its requirements.txt for Lambda's platform. Equal sources give
equal folders. ARCH: x86_64 (default) or arm64, as the stack's parameter Architecture.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import orjson
from rich.console import Console
from rich.progress import track
from rich.table import Table

from local.trouble import Trouble
from tools import bytecode, compiled, packages
from tools.functions import Function, functions
from tools.imports import Closure, closure

ROOT = Path(__file__).resolve().parent.parent
_OURS = {"requirements.txt", "template.yaml", "openapi.yaml"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What one function's folder will hold; `key` names its content."""

    function: Function
    imported: Closure
    files: tuple[Path, ...]
    wanted: packages.Wanted
    compiler: Path | None
    key: str


@dataclass(frozen=True, slots=True)
class Built:
    """What stands in .build/; sizes in bytes."""

    key: str
    own: int
    packages: int


def build(root: Path, arch: str, console: Console) -> dict[str, Built]:
    """Bring .build/ up to date and say what is in it. Raises Trouble."""
    if arch not in packages.PLATFORMS:
        raise Trouble(f"ARCH is {arch}; it must be one of {', '.join(packages.PLATFORMS)}.")
    found = list(functions(root))
    record = root / ".build" / "built.json"
    known = _recorded(record)
    plans = _plans(root, found, arch, fetch=False)
    if any(_stale(plan, known) for plan in plans):
        if any(plan.compiler is None for plan in plans):
            plans = _plans(root, found, arch, fetch=True)
        stale = [plan for plan in plans if _stale(plan, known)]
        for plan in track(stale, "Building", console=console, transient=True):
            # Forgotten first: what a failure leaves behind must never pass for what stood there before.
            known.pop(plan.function.logical, None)
            _write(record, known)
            known[plan.function.logical] = _make(root, plan)
            _write(record, known)
    now = {plan.function.logical: known[plan.function.logical] for plan in plans}
    _sweep(record.parent, now)
    _write(record, now)
    _say_uncompiled(plans, console)
    return now


def fill(root: Path, function: Function, arch: str, compiler: Path | None) -> None:
    """One function's folder anew, whatever stands there. Raises Trouble."""
    _make(root, _plan(root, function, arch, compiler))


def _plans(root: Path, found: Iterable[Function], arch: str, *, fetch: bool) -> list[Plan]:
    found = list(found)
    home = root / ".cache" / "python"
    versions = {function.python for function in found}
    compilers = {version: bytecode.interpreter(version, home, fetch=fetch) for version in versions}
    return [_plan(root, function, arch, compilers[function.python]) for function in found]


def _plan(root: Path, function: Function, arch: str, compiler: Path | None) -> Plan:
    imported = closure(root, function.module)
    data = (path for path in function.folder.rglob("*") if path.is_file() and path.name not in _OURS)
    files = imported.files | {path for path in data if path.suffix not in (".py", ".pyc")}
    for package in compiled.FOLDERS:
        if root / package / "__init__.py" in files:
            files.add(compiled.library(root / package, packages.MACHINES[arch], "linux"))
    requirements = function.requirements.read_text()
    wanted = packages.Wanted(requirements, arch, function.python, compiler is not None)
    digest = hashlib.sha256(wanted.key.encode())
    for path in sorted(files):
        digest.update(f"{path.relative_to(root)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return Plan(function, imported, tuple(sorted(files)), wanted, compiler, digest.hexdigest())


def _stale(plan: Plan, known: dict[str, Built]) -> bool:
    built = known.get(plan.function.logical)
    return built is None or built.key != plan.key or not plan.function.code.is_dir()


def _make(root: Path, plan: Plan) -> Built:
    """Fill a fresh folder and put it in the place of the old one."""

    def compiled(folder: Path) -> None:
        if plan.compiler:
            bytecode.compile_all(plan.compiler, folder)

    brought = packages.installed(plan.wanted, root / ".cache" / "packages", compiled)
    _check(root, plan, brought)
    target = plan.function.code
    fresh = target.with_name(f".making-{target.name}")
    shutil.rmtree(fresh, ignore_errors=True)
    for path in plan.files:
        place = fresh / path.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    compiled(fresh)
    packages.settle(fresh)
    own = _size(fresh)
    shutil.copytree(brought, fresh, copy_function=_link, dirs_exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return Built(plan.key, own, _size(brought))


def _check(root: Path, plan: Plan, brought: Path) -> None:
    """Raises Trouble for the first import that nothing provides."""
    for name in packages.missing(brought, plan.imported.packages):
        file, line = plan.imported.packages[name]
        requirements = plan.function.requirements.relative_to(root)
        raise Trouble(
            f"{file.relative_to(root)}:{line} imports {name}, which no package in {requirements} provides "
            f"({plan.function.logical}). Add it to the function's group in pyproject.toml and run "
            "`make requirements`."
        )


def _link(source: str, target: str) -> None:
    """The cache's file under a second name: a dozen functions share the bytes of one boto3."""
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)


def _sweep(folder: Path, now: Iterable[str]) -> None:
    """Remove what no template deploys any more."""
    for path in folder.iterdir():
        if path.is_dir() and path.name not in now:
            shutil.rmtree(path)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _recorded(record: Path) -> dict[str, Built]:
    record.parent.mkdir(exist_ok=True)
    try:
        return {logical: Built(**built) for logical, built in orjson.loads(record.read_bytes()).items()}
    except (FileNotFoundError, ValueError, TypeError):
        return {}


def _write(record: Path, known: dict[str, Built]) -> None:
    record.write_bytes(orjson.dumps(known, option=orjson.OPT_INDENT_2))


def _say_uncompiled(plans: Iterable[Plan], console: Console) -> None:
    for version in sorted({plan.function.python for plan in plans if plan.compiler is None}):
        console.print(
            f"Without bytecode: there is no Python {version} here and none could be downloaded, so that a "
            f"cold start compiles the code first. Put python{version} on the PATH and build again."
        )


def _table(built: dict[str, Built]) -> Table:
    table = Table("function", box=None, pad_edge=False)
    for column in ("own code KB", "unzipped MB"):
        table.add_column(column, justify="right")
    for logical, it in built.items():
        table.add_row(logical, f"{it.own / 1e3:.0f}", f"{(it.own + it.packages) / 1e6:.1f}")
    return table


def main() -> int:
    console = Console()
    try:
        built = build(ROOT, os.environ.get("ARCH", "x86_64"), console)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    console.print(_table(built))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
