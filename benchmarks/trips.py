"""Trips with known progress for the matcher's benchmark: made here, or recorded ones from a directory."""

from __future__ import annotations

import csv
import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from geo.drawing import compile_route
from geo.plane import Plane
from geo.route import CompiledRoute
from geo.state import Fix

HOME = Plane(121.47, 31.23)
_LAP = [(0, 0), (200, 0), (200, 120), (0, 120)]
SHAPES: dict[str, list[tuple[float, float]]] = {
    "plain": [(0, 0), (900, 0), (900, 700), (2500, 700), (2500, 2000), (4000, 2000)],
    "out and back": [(0, 0), (1000, 0), (2000, 300), (1000, 0), (0, 0)],
    "3 laps": [(-300, 0), *_LAP * 3, (0, 0), (0, -300)],
    "figure 8": [
        (0, 0),
        (500, 400),
        (1000, 0),
        (500, -400),
        (0, 0),
        (-500, 400),
        (-1000, 0),
        (-500, -400),
        (0, 0),
    ],
    "spurs": [(0, 0), (500, 0), (500, 250), (500, 0), (1000, 0), (1000, -250), (1000, 0), (2000, 0)],
}
CRUISE_MPS = (1.4, 4.2, 7.5)  # on foot, bicycle, scooter
NOISE_M = 8.0
VERTEX_M = 12.0


@dataclass(frozen=True)
class Trip:
    """Pings every 10 s; line: as drawn, lon and lat [degrees]; truth: the share of the route done at each,
    None where unknown or an outlier.
    """

    shape: str
    line: list[tuple[float, float]]
    route: CompiledRoute
    fixes: list[Fix]
    truth: list[float | None]


def made(shape: str, seed: int) -> Trip:
    """With stops, 2 % outliers of 100 to 500 m and gaps of 60 to 300 s."""
    rng = random.Random(f"{shape} {seed}")  # noqa: S311 - no secret
    line = [HOME.to_lonlat(x, y) for x, y in drawn(SHAPES[shape])]
    route = compile_route(line)
    fixes, truth, silent = [], [], 0.0
    for t, along in _ride(rng, route.length_m):
        if t % 10 or t < silent:
            continue
        if rng.random() < 1 / 70:
            silent = t + rng.uniform(60, 300)
        outlier = rng.random() < 0.02
        angle, far = rng.uniform(0, 2 * math.pi), rng.uniform(100, 500)
        east = far * math.cos(angle) if outlier else rng.gauss(0, NOISE_M)
        north = far * math.sin(angle) if outlier else rng.gauss(0, NOISE_M)
        lon, lat = Plane(*route.point_at(along)).to_lonlat(east, north)
        fixes.append(Fix(1.8e9 + t, lat, lon))
        truth.append(None if outlier else along / route.length_m)
    return Trip(shape, line, route, fixes, truth)


def drawn(corners: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A vertex every 12 m or so, as routing services draw a road."""
    line = [corners[0]]
    for (ax, ay), (bx, by) in pairwise(corners):
        parts = math.ceil(math.dist((ax, ay), (bx, by)) / VERTEX_M)
        line += [(ax + (bx - ax) * i / parts, ay + (by - ay) * i / parts) for i in range(1, parts + 1)]
    return line


def _ride(rng: random.Random, length_m: float) -> Iterator[tuple[float, float]]:
    """Seconds and metres, second by second."""
    cruise = rng.choice(CRUISE_MPS) * rng.uniform(0.85, 1.15)
    along, t, stop, swing = 0.0, 0.0, 0, 0.0
    while along < length_m:
        yield t, along
        t += 1
        if stop:
            stop -= 1
            continue
        if rng.random() < cruise / 700:
            stop = rng.choice((10, 20, 20, 30, 60, 120))
        swing = 0.8 * swing + rng.gauss(0, 0.18)
        along += max(cruise * (1 + swing), 0.1)


def recorded(directory: Path) -> Iterator[Trip]:
    """`<case>.route.geojson` and `<case>.pings.csv` with t_unix,lat,lon,accuracy_m,true_frac,extra."""
    for file in sorted(directory.glob("*.route.geojson")):
        case = file.name.removesuffix(".route.geojson")
        line = [(lon, lat) for lon, lat, *_ in json.loads(file.read_bytes())["geometry"]["coordinates"]]
        fixes, truth = [], []
        with (directory / f"{case}.pings.csv").open(newline="") as opened:
            for row in csv.DictReader(opened):
                t = float(row["t_unix"])
                if fixes and t < fixes[-1].t + 9.99:
                    continue
                accuracy = float(row["accuracy_m"]) if row["accuracy_m"] else math.nan
                fixes.append(Fix(t, float(row["lat"]), float(row["lon"]), accuracy))
                known = row["true_frac"] and row["extra"] != "outlier"
                truth.append(float(row["true_frac"]) if known else None)
        yield Trip(directory.name, line, compile_route(line), fixes, truth)
