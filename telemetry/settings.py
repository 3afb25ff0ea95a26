"""Settings are one frozen dataclass per function, read once from a mapping that is passed in."""

from __future__ import annotations

from collections.abc import Mapping


class MissingSetting(Exception):
    """A variable that the function needs is absent: the template and the code disagree."""


def required(env: Mapping[str, str], name: str) -> str:
    """The value of `name`. Raises MissingSetting, which says where to set it."""
    value = env.get(name, "")
    if not value:
        raise MissingSetting(f"{name} is not set; add it to the function's Environment in its template")
    return value
