"""What is odd about a line's shape: sharp turns, long gaps, an end at its start."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from geo.legs import Floats, Ints, leg_lengths, metres_per_degree, unwrapped
from geo.preview.finding import Finding
from geo.preview.limits import Limits
from geo.route import CompiledRoute


def sharp_turns(route: CompiledRoute, limits: Limits) -> list[Finding]:
    """Of turns within an arm's length the sharpest; in the order of the line."""
    along = np.asarray(route.cumulative)[1:-1]
    turn = _turns(route, along, limits.arm_m)
    found: list[int] = []
    for i in np.flatnonzero(turn > limits.turn_degrees).tolist():
        if found and along[i] - along[found[-1]] <= limits.arm_m:
            found[-1] = max(found[-1], i, key=lambda it: turn[it])
        else:
            found.append(i)
    worst = sorted(found, key=lambda i: -turn[i])[: limits.listed]
    return [_turned(route, float(along[i]), float(turn[i])) for i in sorted(worst)]


def _turned(route: CompiledRoute, along_m: float, turn: float) -> Finding:
    lon, lat = route.point_at(along_m)
    return Finding(
        "sharp-turn",
        f"The line turns by {turn:.0f} degrees at {along_m:.0f} m: a way back, or a point out of place",
        along_m=along_m, lon=lon, lat=lat, amount=round(turn, 1), unit="degrees",
    )  # fmt: skip


def _turns(route: CompiledRoute, along: Floats, arm_m: float) -> Floats:
    """Degrees between the directions of an arm before and an arm behind each place."""

    def at(places: Floats) -> tuple[Floats, Floats]:
        return np.interp(places, route.cumulative, route.lon), np.interp(places, route.cumulative, route.lat)

    (x, y), (x0, y0), (x1, y1) = at(along), at(along - arm_m), at(along + arm_m)
    east, north = metres_per_degree(y)
    before = np.arctan2((x - x0) * east, (y - y0) * north)
    behind = np.arctan2((x1 - x) * east, (y1 - y) * north)
    turn: Floats = np.abs((np.degrees(behind - before) + 180.0) % 360.0 - 180.0)
    return turn


def long_gaps(lon: Floats, lat: Floats, limits: Limits) -> Iterator[Finding]:
    """Between neighbours of the line as drawn; the longest, in the order of the line."""
    lon = unwrapped(lon)
    legs = leg_lengths(lon, lat)
    along = np.concatenate(([0.0], np.cumsum(legs)))
    wide: Ints = np.flatnonzero(legs > limits.gap_m)
    for i in np.sort(wide[np.argsort(-legs[wide], kind="stable")][: limits.listed]).tolist():
        yield Finding(
            "long-gap",
            f"Points {i} and {i + 1} are {legs[i]:.0f} m apart: a straight road, or draw what is between",
            index=i, along_m=float(along[i]), lon=float(lon[i]), lat=float(lat[i]),
            amount=round(float(legs[i]), 1), unit="m",
        )  # fmt: skip


def ends_near_start(route: CompiledRoute, limits: Limits) -> Iterator[Finding]:
    (x, y), (u, v) = route.xy_at(0.0), route.xy_at(route.length_m)
    apart = float(np.hypot(u - x, v - y))
    if apart <= limits.ends_m and route.length_m > 2 * limits.ends_m:
        lon, lat = route.point_at(route.length_m)
        yield Finding(
            "ends-near-start",
            f"The line ends {apart:.0f} m from its start: who is there is at both, so see that it is meant",
            along_m=route.length_m, lon=lon, lat=lat, amount=round(apart, 1), unit="m",
        )  # fmt: skip
