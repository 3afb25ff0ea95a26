"""A request's JSON body as a typed struct; what does not fit is refused by field.

Source: msgspec, "Supported Types" and the form of `ValidationError` (text, then where as `$.a.b[3]`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from geo.said import say
from telemetry.api import Request, read_json
from telemetry.fields import wrong
from telemetry.problem import BadRequest

T = TypeVar("T")

_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(?P<name>.+)`$")
_WORDS = {"float": "number", "int": "whole number", "str": "string", "bool": "true or false"}
_TYPES = re.compile(r"\b(float|int|str|bool)\b(?=$| \||,)")  # not inside a quoted pattern or value
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<name>.+)`$")
_FORMS: tuple[tuple[str, Callable[..., str]], ...] = (
    (
        r"expected (?P<wanted>[a-z |]+), got (?P<got>[a-z ]+)",
        lambda **it: say("wrong-type", "is wrong: expected {wanted}, got {got}", **it),
    ),
    (
        r"expected (?P<wanted>int|float) (?P<sign>[<>]=?) (?P<limit>\S+)",
        lambda **it: say("out-of-range", "is wrong: expected {wanted} {sign} {limit}", **it),
    ),
    (
        r"expected (?P<wanted>[a-z]+) of length (?P<sign>[<>]=?) (?P<limit>\d+)",
        lambda **it: say("wrong-length", "is wrong: expected {wanted} of length {sign} {limit}", **it),
    ),
    (
        r"expected str matching regex (?P<pattern>.+)",
        lambda **it: say("wrong-form", "is wrong: expected str matching regex {pattern}", **it),
    ),
    (
        r"invalid enum value (?P<value>.+)",
        lambda **it: say("unknown-value", "is wrong: invalid enum value {value}", **it),
    ),
)
"""How msgspec says what does not fit, and the same with a code."""


def read_body(request: Request, shape: type[T]) -> T:
    """The body as `shape`. Raises BadRequest, which names the field."""
    return read_shape(request.body(), shape)


def read_shape(body: bytes, shape: type[T]) -> T:
    """JSON as `shape`. Raises BadRequest, which names the field."""
    return read_part(read_json(body), shape)


def read_part(said: Any, shape: type[T], field: str = "") -> T:
    """A part of a body as `shape`; `field`: where it stands. Raises BadRequest, which names the field."""
    try:
        return msgspec.convert(said, shape)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), field) from error


def _refusal(message: str, field: str) -> BadRequest:
    found = _AT.match(message)
    what, path = (found["what"], field + (found["path"] or "")) if found else (message, field)
    if named := _MISSING.match(what):
        return wrong(f"{path}.{named['name']}".removeprefix("."), say("missing", "is missing"))
    if named := _UNKNOWN.match(what):
        unknown = say("unknown-field", "is not a field of this request")
        return wrong(f"{path}.{named['name']}".removeprefix("."), unknown)
    plain = _TYPES.sub(lambda name: _WORDS[name[0]], what.replace("`", ""))
    return wrong(path.removeprefix(".") or "body", _reason(f"{plain[:1].lower()}{plain[1:]}"))


def _reason(plain: str) -> str:
    for pattern, reason in _FORMS:
        if found := re.fullmatch(pattern, plain, re.DOTALL):
            return reason(**found.groupdict())
    return f"is wrong: {plain}"
