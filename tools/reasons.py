"""`python -m tools.reasons`: what is refused, as docs/reasons.md lists it, from what the code says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/reasons.md"
BEGIN, END = "<!-- begin: python -m tools.reasons -->", "<!-- end -->"
SOURCES = ("geo", "telemetry", "storage", "ingest", "processors", "stacks")


class Reason(NamedTuple):
    """One call of `say`. given: the names of its values; None where they are not named there."""

    code: str
    sentence: str
    given: frozenset[str] | None
    where: str

    @property
    def holes(self) -> list[str]:
        """In their order."""
        names = (name.partition(":")[0] for _, name, _, _ in Formatter().parse(self.sentence) if name)
        return list(dict.fromkeys(names))


def main() -> int:
    PAGE.write_text(with_table(PAGE.read_text()))
    return 0


def reasons() -> list[Reason]:
    """By code. Raises ValueError for a call whose code or sentence is not written out."""
    found = (it for top in SOURCES for path in sorted((ROOT / top).rglob("*.py")) for it in _of(path))
    return sorted(found)


def _of(path: Path) -> Iterator[Reason]:
    for call in ast.walk(ast.parse(path.read_bytes())):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "say"):
            continue
        where = f"{path.relative_to(ROOT)}:{call.lineno}"
        match call.args:
            case [ast.Constant(value=str(code)), ast.Constant(value=str(sentence))]:
                names = [it.arg for it in call.keywords]
                given = frozenset(name for name in names if name) if None not in names else None
                yield Reason(code, sentence, given, where)
            case _:
                raise ValueError(f"{where}: say(…) wants its code and its sentence written out")


def with_table(page: str) -> str:
    """The page with what is generated between its marks. Raises ValueError where they are missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"docs/reasons.md needs {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{table()}{END}{after}"


def table() -> str:
    rows = ["| code | text | given |", "|---|---|---|"]
    for it in reasons():
        sentence = it.sentence.replace("|", "\\|").replace("<", "&lt;").replace("{{", "{").replace("}}", "}")
        rows.append(f"| `{it.code}` | {sentence} | {', '.join(f'`{name}`' for name in it.holes)} |")
    return "\n".join([*rows, ""])


if __name__ == "__main__":
    raise SystemExit(main())
