"""What a whole trip amounts to: distance, times, speeds, incidents and stops, from its smoothed fixes.

Pure, and finite for any input. The path is the matched point where a fix lies on the route, the fix itself
where the courier was off it; outliers are no part of it. One fix's error must make neither metres nor a
speed, so distances pass a dead band and speeds are told by several legs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

import numpy as np

from geo.arrival import SURE, Stop, finish_m
from geo.legs import Floats, metres_per_degree
from geo.match import Matched
from geo.model import MODEL
from geo.reaching import Reached, reached
from geo.route import CompiledRoute
from geo.state import Fix

BAND_M = 20.0  # standing still moves an ordinary fix by less, and nobody rides so short
WINDOW_S = 30.0  # a speed is taken over this: three ordinary legs
MOVING_MPS = 0.7  # slower is no progress, as in geo.progress
THIN_S = 8.0  # legs shorter than this say more of the fixes' errors than of the ride
LEGS = 5  # a top speed is the median of so many legs: one fix spoils two
SILENT_S = 120.0  # over a longer leg nobody can tell when a stop was passed


class Incident(NamedTuple):
    """Time off the route: begin, end [s, Unix], where it began, metres ridden and the furthest from it."""

    begin: float
    end: float
    lat: float
    lon: float
    along_m: float
    length_m: float
    offset_m: float


class Visit(NamedTuple):
    """A stop of the route: arrived [s, Unix], None where it was never reached; time within its radius [s]."""

    name: str
    along_m: float
    arrived: float | None
    stayed_s: float


@dataclass(frozen=True, slots=True)
class Summary:
    """Metres, seconds, metres a second. average_mps is over the time of moving; None where nothing says.
    reached_m: the furthest along the route; covered_m: how much of the route was ridden, each part once.
    """

    distance_m: float = 0.0
    moving_s: float = 0.0
    average_mps: float | None = None
    top_mps: float | None = None
    reached_m: float = 0.0
    covered_m: float = 0.0
    completed: bool = False
    reached: Reached | None = None
    """The end; None without a fix."""
    incidents: list[Incident] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    outliers: int = 0


@dataclass(frozen=True)
class _Path:
    """n points of the ride: t [s, Unix], x, y [m, a plane around the first], along [m], on the route or
    not.
    """

    t: Floats
    x: Floats
    y: Floats
    along: Floats
    on: list[bool]

    def rode(self, a: int, b: int) -> bool:
        """Along the route from point a to point b? What nobody can have ridden in the time was skipped."""
        along = abs(float(self.along[b] - self.along[a]))
        ridden = along <= MODEL.fastest_mps * abs(float(self.t[b] - self.t[a]))
        return self.on[a] and self.on[b] and ridden

    def metres(self, a: int, b: int) -> float:
        """How far it is from point a to point b: along the route where it was ridden."""
        if self.rode(a, b):
            return abs(float(self.along[b] - self.along[a]))
        return math.hypot(self.x[b] - self.x[a], self.y[b] - self.y[a])


def summarise(
    route: CompiledRoute, fixes: Sequence[Fix], matched: Sequence[Matched], stops: Sequence[Stop] = ()
) -> Summary:
    """fixes: finite, in order of time; matched: what geo.smooth made of them, one a fix."""
    lone = [m.outlier and m.on_route for m in matched]
    used = [(f, m) for f, m, out in zip(fixes, matched, lone, strict=True) if not out]
    path = _path(route, used)
    sure = [m.along_m for _, m in used if m.on_route and m.confidence >= SURE]
    reached_m = min(max(sure, default=0.0), route.length_m)
    odometer = _odometer(path)
    distance, moving = (float(odometer[-1]) if used else 0.0), _moving_s(path)
    top_mps = _top_mps(path)
    return Summary(
        distance_m=distance,
        moving_s=moving,
        average_mps=distance / moving if moving else None,
        top_mps=top_mps,
        reached_m=reached_m,
        covered_m=min(_covered_m(path), route.length_m),
        completed=bool(sure) and reached_m >= finish_m(route.length_m),
        reached=reached(route, used, stops, top_mps),
        incidents=_incidents(used, odometer),
        visits=[_visit(path, stop) for stop in stops],
        outliers=sum(lone),
    )


def _path(route: CompiledRoute, used: Sequence[tuple[Fix, Matched]]) -> _Path:
    if not used:
        none = np.zeros(0)
        return _Path(none, none, none, none, [])
    places = [route.point_at(m.along_m) if m.on_route else (f.lon, f.lat) for f, m in used]
    lon, lat = np.array(places).T
    east, north = metres_per_degree(float(lat[0]))
    return _Path(
        np.array([f.t for f, _ in used]),
        ((lon - lon[0] + 180.0) % 360.0 - 180.0) * float(east),
        (lat - lat[0]) * float(north),
        np.array([m.along_m for _, m in used]),
        [m.on_route for _, m in used],
    )


def _odometer(path: _Path) -> Floats:
    """Metres ridden up to each point: what leaves the dead band around the last counted point counts."""
    found, anchor = np.zeros(len(path.t)), 0
    for i in range(1, len(path.t)):
        moved = path.metres(anchor, i)
        found[i] = found[i - 1] + (moved if moved >= BAND_M else 0.0)
        anchor = i if moved >= BAND_M else anchor
    return found


def _covered_m(path: _Path) -> float:
    """The union of the legs along the route, in either direction."""
    legs = [
        sorted((float(path.along[i]), float(path.along[i + 1])))
        for i in range(len(path.t) - 1)
        if path.rode(i, i + 1)
    ]
    covered, until = 0.0, -math.inf
    for begin, end in sorted(legs):
        covered += max(end - max(begin, until), 0.0)
        until = max(until, end)
    return covered


def _moving_s(path: _Path) -> float:
    """Time of the legs around whose middle the path moves on."""
    if len(path.t) < 2:
        return 0.0
    legs = np.diff(path.t)
    middle = path.t[:-1] + legs / 2
    half = np.maximum(legs, WINDOW_S) / 2
    begin, end = np.maximum(middle - half, path.t[0]), np.minimum(middle + half, path.t[-1])
    moved = np.hypot(*(np.interp(end, path.t, v) - np.interp(begin, path.t, v) for v in (path.x, path.y)))
    return float(legs[moved >= MOVING_MPS * np.maximum(end - begin, 1.0)].sum())


def _top_mps(path: _Path) -> float | None:
    """The fastest of the medians of LEGS legs in a row; None for fewer than three legs."""
    speeds, last = [], 0
    for i in range(1, len(path.t)):
        elapsed = float(path.t[i] - path.t[last])
        if elapsed >= THIN_S:
            speeds.append(path.metres(last, i) / elapsed)
            last = i
    if len(speeds) < 3:
        return None
    return max(median(speeds[i : i + LEGS]) for i in range(max(len(speeds) - LEGS + 1, 1)))


def _incidents(used: Sequence[tuple[Fix, Matched]], odometer: Floats) -> list[Incident]:
    """Runs of fixes off the route, each with the way back to it."""
    found: list[Incident] = []
    i = 0
    while i < len(used):
        begin = i
        while i < len(used) and not used[i][1].on_route:
            i += 1
        if i > begin:
            (fix, m), back = used[begin], min(i, len(used) - 1)
            length = float(odometer[back] - odometer[max(begin - 1, 0)])
            offset = max(m.offset_m for _, m in used[begin:i])
            found.append(Incident(fix.t, used[i - 1][0].t, fix.lat, fix.lon, m.along_m, length, offset))
        i += 1
    return found


def _visit(path: _Path, stop: Stop) -> Visit:
    """When the path was within the radius along the route, between its points as well."""
    along_m, radius_m = stop.along_m, stop.radius_m
    arrived, stayed = None, 0.0
    inside = np.abs(path.along - along_m) <= radius_m
    for i in range(len(path.t)):
        if arrived is None and path.on[i] and inside[i]:
            arrived = float(path.t[i])
        if i + 1 == len(path.t) or not (path.on[i] and path.on[i + 1]):
            continue
        t, dt = float(path.t[i]), float(path.t[i + 1] - path.t[i])
        a, b = float(path.along[i]) - along_m, float(path.along[i + 1]) - along_m
        if dt > SILENT_S:
            continue
        if a == b:
            stayed += dt if inside[i] else 0.0
            continue
        enters, leaves = sorted(((-radius_m - a) / (b - a), (radius_m - a) / (b - a)))
        enters, leaves = max(enters, 0.0), min(leaves, 1.0)
        if enters <= leaves:
            stayed += (leaves - enters) * dt
            arrived = t + enters * dt if arrived is None or t + enters * dt < arrived else arrived
    return Visit(stop.name, along_m, arrived, stayed)
