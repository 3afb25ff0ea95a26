"""What is said to people in English, so that others can say it again in their own language.

`say("task-busy", "The task {task} is busy; repeat the request.", task="tk_1")` is the English text; beside it
stand the code, which is that sentence's name for good, and what it was made of. docs/reasons.md lists all of
them (`python -m tools.reasons`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Value = str | float | Sequence[str]
"""A name, a number, a list of names, or what was said itself. Never what the text must not show."""


class Said(str):
    """The English text. code: the sentence's; given: the values that fill its holes."""

    __slots__ = ("code", "given")
    code: str
    given: Mapping[str, Value]


def say(code: str, sentence: str, **given: Value) -> Said:
    """`sentence` with its holes filled, as `str.format` does it.

    `{at:moment}`: Unix seconds, as the API takes them and as people read them; `{roles: or }`: a list, with
    what stands between its parts (", " where nothing is named).
    """
    text = Said(sentence.format(**{name: _Shown(value) for name, value in given.items()}))
    text.code, text.given = code, given
    return text


def capital(text: str) -> str:
    """As a sentence begins; what was said stays said."""
    begun = text[:1].upper() + text[1:]
    if isinstance(text, Said):
        begun = Said(begun)
        begun.code, begun.given = text.code, text.given
    return begun


def parts(text: str) -> dict[str, Any]:
    """`code` and `given` as JSON beside a text; nothing where it is said in English alone."""
    if not isinstance(text, Said):
        return {}
    return {"code": text.code, "given": {name: _json(value) for name, value in text.given.items()}}


def _json(value: Value) -> Any:
    if isinstance(value, Said):
        return {"text": value} | parts(value)
    return float(value) if isinstance(value, float) else value  # also numpy's


class _Shown:
    def __init__(self, value: Value) -> None:
        self.value = value

    def __repr__(self) -> str:
        return repr(self.value)

    def __format__(self, form: str) -> str:
        if form == "moment":
            at = float(self.value)  # type: ignore[arg-type]
            return f"{at} ({datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC)"
        if isinstance(self.value, str | int | float):
            return format(self.value, form)
        return (form or ", ").join(self.value)
