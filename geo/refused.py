"""Why a drawing cannot be a route."""

from __future__ import annotations


class RouteRefused(ValueError):
    """The line cannot be a route; the message says which point and why."""


class StopRefused(RouteRefused):
    """A stop cannot be one of the route; `index` says which, from 0, the message why."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index = index
