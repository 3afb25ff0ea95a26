"""`python -m tools.alerts`: the kinds of alerts and their thresholds as docs/alerts.md shows them, from
telemetry/alerts.py.
"""

from __future__ import annotations

from pathlib import Path

from telemetry.alerts import KINDS, MEANINGS, THRESHOLDS

PAGE = Path(__file__).parent.parent / "docs/alerts.md"
BEGIN, END = "<!-- begin: python -m tools.alerts -->", "<!-- end -->"


def main() -> int:
    PAGE.write_text(with_tables(PAGE.read_text()))
    return 0


def with_tables(page: str) -> str:
    """The page with what is generated between its marks. Raises ValueError where they are missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"docs/alerts.md needs {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{kinds()}\n{thresholds()}{END}{after}"


def kinds() -> str:
    rows = ["| kind | raised when | closed when |", "|---|---|---|"]
    rows += [f"| `{kind}` | {MEANINGS[kind][0]} | {MEANINGS[kind][1]} |" for kind in KINDS]
    return "\n".join([*rows, ""])


def thresholds() -> str:
    rows = ["| threshold | default | from, to | why so much |", "|---|---|---|---|"]
    for name, it in THRESHOLDS.items():
        rows.append(f"| `{name}` | {it.default:,} {it.unit} | {it.low:,} to {it.high:,} | {it.reason} |")
    return "\n".join([*rows, ""])


if __name__ == "__main__":
    raise SystemExit(main())
