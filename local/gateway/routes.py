"""Which route of the HTTP APIs a request is for.

Source: AWS, "Create routes for HTTP APIs": a full match beats a greedy variable, which beats `$default`;
a literal segment beats a variable, and a method beats ANY. The path is decoded before it is matched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from local.gateway.api import HttpApi, Route


class Found(NamedTuple):
    api: HttpApi
    route: Route
    variables: dict[str, str]


@dataclass(frozen=True, slots=True)
class Path:
    """`/v1/tasks/{task}/claim` in parts; the last one may be greedy, `{proxy+}`."""

    segments: tuple[str, ...]
    greedy: str | None

    @classmethod
    def parse(cls, template: str) -> Path:
        segments = tuple(template.strip("/").split("/"))
        if segments[-1].endswith("+}"):
            return cls(segments[:-1], segments[-1][1:-2])
        return cls(segments, None)

    def match(self, given: list[str]) -> dict[str, str] | None:
        """The variables of a decoded path's segments, or None when it does not fit."""
        fixed = len(self.segments)
        if len(given) < fixed + (self.greedy is not None) or (self.greedy is None and len(given) > fixed):
            return None
        found = {}
        for expected, segment in zip(self.segments, given, strict=False):
            if expected.startswith("{") and segment:
                found[expected[1:-1]] = segment
            elif expected != segment:
                return None
        if self.greedy is not None:
            found[self.greedy] = "/".join(given[fixed:])
        return found

    @property
    def rank(self) -> tuple[bool, tuple[bool, ...], int]:
        """The smaller one is the better match."""
        return self.greedy is not None, tuple(s.startswith("{") for s in self.segments), -len(self.segments)


class Routes:
    """All routes of all APIs: on the laptop one port serves them all."""

    def __init__(self, apis: Iterable[HttpApi]) -> None:
        self.apis = tuple(apis)
        ways = [(Path.parse(route.path), api, route) for api in self.apis for route in api.routes]
        ways.sort(key=lambda way: way[0].rank)
        self._fixed: dict[int, list[tuple[Path, HttpApi, Route]]] = defaultdict(list)
        self._greedy = [way for way in ways if way[0].greedy is not None]
        for way in ways:
            if way[0].greedy is None:
                self._fixed[len(way[0].segments)].append(way)

    def find(self, method: str, path: str) -> Found | None:
        given = path.strip("/").split("/")
        for ways in (self._fixed.get(len(given), ()), self._greedy):
            for wanted in (method, "ANY"):
                for way, api, route in ways:
                    if route.method == wanted and (variables := way.match(given)) is not None:
                        return Found(api, route, variables)
        return None

    def api_for(self, path: str) -> HttpApi | None:
        """The API that has a route with this path, whatever the method: whose CORS rules apply."""
        given = path.strip("/").split("/")
        ways = [*self._fixed.get(len(given), ()), *self._greedy]
        return next((api for way, api, _ in ways if way.match(given) is not None), None)
