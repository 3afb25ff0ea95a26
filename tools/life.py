"""`python -m tools.life`: a trip's life as docs/life.md shows it, from the table in telemetry/life.py."""

from __future__ import annotations

from pathlib import Path

from telemetry.life import ACTIONS, FIRST, OPEN, STATES, TRANSITIONS, Action, State

PAGE = Path(__file__).parent.parent / "docs/life.md"
BEGIN, END = "<!-- begin: python -m tools.life -->", "<!-- end -->"


def main() -> int:
    PAGE.write_text(with_life(PAGE.read_text()))
    return 0


def with_life(page: str) -> str:
    """The page with what is generated between its marks. Raises ValueError where they are missing."""
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"docs/life.md needs {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{diagram()}\n{table()}{END}{after}"


def diagram() -> str:
    """As Mermaid's stateDiagram-v2."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for action, it in TRANSITIONS.items():
        for source in _sources(action):
            arrows.setdefault((source, it.target or source), []).append(action)
    lines = [f"  {source} --> {to}: {', '.join(actions)}" for (source, to), actions in arrows.items()]
    left = {state for it in TRANSITIONS.values() if it.target for state in it.sources}
    ends = [state for state in STATES if state not in left]
    lines += [f"  {state} --> [*]" for state in ends]
    lines += ["  classDef open font-weight:bold"] + [f"  class {s} open" for s in STATES if s in OPEN]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```", ""])


def table() -> str:
    rows = ["| action | from | to | who | |", "|---|---|---|---|---|"]
    for action in ACTIONS:
        it = TRANSITIONS[action]
        sources = ", ".join("–" if source == "[*]" else source for source in _sources(action))
        who = ", ".join(person for person in ("courier", "manager", "admin", "system") if person in it.who)
        rows.append(f"| {action} | {sources} | {it.target or 'stays'} | {who} | {it.note} |")
    return "\n".join([*rows, ""])


def _sources(action: Action) -> list[State | str]:
    found: list[State | str] = [state for state in STATES if state in TRANSITIONS[action].sources]
    return found or (["[*]"] if action in FIRST else [])


if __name__ == "__main__":
    raise SystemExit(main())
