"""What a preview of a route costs, beside compiling it: ordinary lines, and the worst that fit.

The function has 25 s and 1,024 MB, which on Lambda is 0.6 of a core.
"""

from __future__ import annotations

import math
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence

from benchmarks.figures import line
from geo.drawing import MAX_VERTICES, compile_route
from geo.drawn import files
from geo.drawn.drawing import Drawing
from geo.hours import Hours
from geo.preview.preview import preview
from geo.stops import MAX_STOPS, Place

ROUNDS = 3
Points = list[tuple[float, float]]


def road(n: int) -> Points:
    """A vertex every 10 m or so, 2 degrees of latitude at most."""
    return [(121 + 1e-4 * i, 31 + 0.002 * math.sin(i / 50)) for i in range(n)]


def back(n: int) -> Points:
    there = road(n // 2)
    return there + there[::-1]


def laps(n: int) -> Points:
    """A circuit of 3 km, again and again."""
    circuit = [2 * math.pi * i / 160 for i in range(160)]
    return [(121 + 0.005 * math.cos(a), 31 + 0.004 * math.sin(a)) for _ in range(n // 160) for a in circuit]


def crowd(n: int) -> Points:
    """All within 30 m: a phone that lay on a table, taken for a route."""
    chance = random.Random(1)  # noqa: S311 - the same line every time
    return [(121 + 3e-4 * chance.random(), 31 + 3e-4 * chance.random()) for _ in range(n)]


def stops(points: Points) -> Sequence[Place]:
    at = sorted({i * (len(points) // 2 - 1) // MAX_STOPS for i in range(MAX_STOPS)})
    return [Place(f"Stop {i}", *points[i], 50.0, Hours(0, 1439)) for i in at]


def gpx(points: Points) -> bytes:
    told = "".join(
        f'<trkpt lat="{lat:.7f}" lon="{lon:.7f}"><ele>4.1</ele><time>2026-11-24T04:00:00Z</time></trkpt>'
        for lon, lat in points
    )
    return f"<gpx><trk><name>road</name><trkseg>{told}</trkseg></trk></gpx>".encode()


def seconds(act: Callable[[], object]) -> float:
    best = math.inf
    for _ in range(ROUNDS):
        start = time.process_time()
        act()
        best = min(best, time.process_time() - start)
    return best


def run() -> None:
    print("preview: of a drawing                                 compile         preview           ratio")
    shapes = (
        (road, 1_000),
        (road, 10_000),
        (road, MAX_VERTICES),
        (back, MAX_VERTICES),
        (laps, 80_000),
        (crowd, MAX_VERTICES),
    )
    for shape, n in shapes:
        points = shape(n)
        drawing = Drawing(points, stops(points))
        compiled = seconds(lambda d=drawing: compile_route(d.line))  # type: ignore[misc]
        looked = seconds(lambda d=drawing: preview(d))  # type: ignore[misc]
        route = preview(drawing).route
        length = f", {route.length_m / 1000:.0f} km" if route else ", none"
        ratio = f"{looked / compiled:.1f} x"
        line(f"{shape.__name__}, {n:,} vertices{length}", f"{compiled:.3f} s", f"{looked:.3f} s", ratio)
    file = gpx(road(MAX_VERTICES))
    line(
        f"reading a GPX of {len(file) / 1e6:.1f} MB", "", f"{seconds(lambda: files.read(file, 'gpx')):.3f} s"
    )
    worst = b"<gpx>" + b"<a/>" * ((files.MAX_BYTES - 16) // 4) + b"</gpx>"
    line("refusing 16 MB of empty elements", "", f"{seconds(lambda: _refused(worst)):.3f} s")
    unit = 1024 if sys.platform == "linux" else 1024 * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    line("most memory that any of it took", "", f"{peak:.0f} MB")


def _refused(data: bytes) -> None:
    try:
        files.read(data, "gpx")
    except ValueError:
        return
    raise AssertionError
