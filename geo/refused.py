"""Why a drawing cannot be a route, or a file no drawing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spot:
    """A point of the line by its number, from 0, and where [degrees; WGS-84, or as drawn if on no map]."""

    index: int
    lon: float
    lat: float


class Refused(ValueError):
    """reason: the message, which says what, where and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RouteRefused(Refused):
    """The line cannot be a route; the message says which point, why, and what to do."""

    def __init__(self, reason: str, spot: Spot | None = None) -> None:
        super().__init__(reason)
        self.spot = spot


class StopRefused(RouteRefused):
    """A stop cannot be one of the route; `index` says which, from 0, the message why; off_m: its distance
    from the line, where that is the reason.
    """

    def __init__(self, index: int, reason: str, off_m: float | None = None) -> None:
        super().__init__(reason)
        self.index = index
        self.off_m = off_m
