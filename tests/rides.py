"""Routes and rides with known progress, made where they are needed."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from geo.drawing import compile_route
from geo.plane import Plane
from geo.route import CompiledRoute
from geo.state import Fix

HOME = Plane(121.47, 31.23)


def line(
    xy: Sequence[tuple[float, float]], lon: float = HOME.lon0, lat: float = HOME.lat0, angle: float = 0.0
) -> list[tuple[float, float]]:
    """Metres east and north, turned by `angle` [degrees] and laid down at a place, as lon, lat."""
    plane, cos, sin = Plane(lon, lat), math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return [plane.to_lonlat(x * cos - y * sin, x * sin + y * cos) for x, y in xy]


OUT_AND_BACK = compile_route(line([(0, 0), (1500, 0), (3000, 40), (1500, 0), (0, 0)]))
LAPS = compile_route(line([(0, 0), (300, 0), (300, 300), (0, 300)] * 4 + [(0, 0)]))
PLAIN = compile_route(line([(0, 0), (1200, 300), (1500, 1800), (3000, 2500)]))
ROUTES = [OUT_AND_BACK, LAPS, PLAIN]


def at(fix: Fix, east: float = 0.0, north: float = 0.0) -> Fix:
    """The fix moved by metres."""
    to_lon, to_lat = Plane(fix.lon, fix.lat).to_lonlat(east, north)
    return fix._replace(lon=to_lon, lat=to_lat)


def drive(
    route: CompiledRoute, speed: float, step: float, noise: float, seed: int
) -> list[tuple[float, Fix]]:
    """True along_m and a fix with Gaussian noise [m], every `step` seconds to the end, included."""
    rng, found, t = random.Random(seed), [], 0.0
    while t * speed < route.length_m + speed * step:
        along = min(t * speed, route.length_m)
        lon, lat = route.point_at(along)
        fix = at(Fix(1.8e9 + t, lat, lon, max(noise, 1.0)), rng.gauss(0, noise), rng.gauss(0, noise))
        found.append((along, fix))
        t += step
    return found
