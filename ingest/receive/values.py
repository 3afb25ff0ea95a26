"""Values as apps write them, made numbers of SI; what is no number stays as it came, for the check."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import orjson

KNOT_MPS = 1852 / 3600
KMH_MPS = 1 / 3.6
_NUMBER = re.compile(r"[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})([eE][+-]?\d{1,3})?", re.ASCII)
_NO_NUMBER = re.compile(r"[+-]?(nan|inf|infinity)", re.ASCII | re.IGNORECASE)
_MILLISECONDS = 1e11  # as seconds the year 5138, as milliseconds 1973


def number(value: Any) -> Any:
    """A number that came as text; NaN and infinity too, which the check refuses by name."""
    if isinstance(value, str) and (_NUMBER.fullmatch(value) or _NO_NUMBER.fullmatch(value)):
        return float(value)
    return value


def optional(value: Any, factor: float = 1.0) -> Any:
    """A number times `factor`; None, for unknown, where the app says nothing or NaN."""
    value = number(value)
    if value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return value * factor if math.isfinite(value) else None


def yes(value: Any) -> bool:
    """What an app means by true: only some write it, and those as true, "true" or 1."""
    return value is True or str(value).strip().lower() in {"true", "1"}


def seconds(value: Any) -> Any:
    """Unix seconds of seconds, milliseconds or an ISO 8601 time, which is UTC where it does not say."""
    value = number(value)
    if isinstance(value, str):
        try:
            time = datetime.fromisoformat(value)
            return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            return value
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) > _MILLISECONDS:
        return value / 1000 if abs(value) < 1e300 else math.inf
    return value


def fields(text: str | bytes) -> dict[str, Any]:
    """A query string, a form or a JSON object, by name; of a name given more than once, the first.

    Raises ValueError.
    """
    if isinstance(text, bytes):
        text = text.decode()
    if text.lstrip().startswith(("{", "[")):
        found = orjson.loads(text)
        if not isinstance(found, dict):
            raise ValueError("an object is expected, not a list")
        return found
    pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=200)
    return dict(reversed(pairs))
