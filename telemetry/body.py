"""A request's JSON body as a typed struct; what does not fit is refused by field.

Source: msgspec, "Supported Types" and the form of `ValidationError` (text, then where as `$.a.b[3]`).
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from telemetry.api import Request, read_json
from telemetry.problem import BadRequest

T = TypeVar("T")

_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(?P<name>.+)`$")
_WORDS = {"float": "number", "int": "whole number", "str": "string", "bool": "true or false"}
_TYPES = re.compile(r"\b(float|int|str|bool)\b(?=$| \||,)")  # not inside a quoted pattern or value
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<name>.+)`$")


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


def wrong(field: str, reason: str) -> BadRequest:
    """The refusal of one field; `reason` reads on from its name ("must be …")."""
    return BadRequest(f"{field} {reason}.", [{"field": field, "reason": reason}])


def _refusal(message: str, field: str) -> BadRequest:
    found = _AT.match(message)
    what, path = (found["what"], field + (found["path"] or "")) if found else (message, field)
    for pattern, reason in ((_MISSING, "is missing"), (_UNKNOWN, "is not a field of this request")):
        if named := pattern.match(what):
            return wrong(f"{path}.{named['name']}".removeprefix("."), reason)
    plain = _TYPES.sub(lambda name: _WORDS[name[0]], what.replace("`", ""))
    return wrong(path.removeprefix(".") or "body", f"is wrong: {plain[:1].lower()}{plain[1:]}")
