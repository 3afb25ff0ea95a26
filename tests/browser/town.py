"""Routes and couriers for the double: every state, a lap, an out-and-back.

`python -m tests.browser.town [COUNT]` serves them, moving, on http://127.0.0.1:8090; sign in as mei,
"a long password".
"""

from __future__ import annotations

import math
import random
import sys
import time
from itertools import pairwise
from typing import Any

from tests.browser.double import EMPTY, Double, serving

LON, LAT = 121.4737, 31.2304
STOPS = (("Post office", 0.25), ("四号码头", 0.5), ("Old mill", 0.8))
METRES_LON, METRES_LAT = 95_200.0, 111_000.0  # a degree at this latitude


def route(name: str, title: str, metres: list[tuple[float, float]]) -> dict[str, Any]:
    """metres: east and north of the town's middle."""
    points = [[LON + east / METRES_LON, LAT + north / METRES_LAT] for east, north in metres]
    length = sum(math.dist(a, b) for a, b in pairwise(metres))
    stops = [
        {"name": stop, "lon": LON, "lat": LAT, "radius_m": 50.0, "along_m": round(share * length, 1)}
        for stop, share in STOPS
    ]
    properties = {"route": name, "name": title, "length_m": round(length, 1), "stops": stops}
    geometry = {"type": "LineString", "coordinates": points}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _lap() -> list[tuple[float, float]]:
    turns = [i * math.tau / 90 for i in range(91)]
    return [
        (1_500 * math.cos(a) * (1 + 0.25 * math.cos(3 * a)), 1_000 * math.sin(a) + 160 * math.sin(4 * a))
        for a in turns
    ]


def _river() -> list[tuple[float, float]]:
    return [(-4_200 + 70 * i, 900 * math.sin(i / 17) + 350 * math.cos(i / 7) - 1_900) for i in range(121)]


def _grid() -> list[tuple[float, float]]:
    corners = [(-3_200, 2_400), (-3_200, 1_100), (-1_900, 1_100), (-1_900, 2_900), (200, 2_900), (200, 1_700),
               (2_600, 1_700), (2_600, 3_200), (3_900, 3_200)]  # fmt: skip
    return [
        (a[0] + (b[0] - a[0]) * s / 12, a[1] + (b[1] - a[1]) * s / 12)
        for a, b in pairwise(corners)
        for s in range(12)
    ] + [corners[-1]]


ROUTES = {
    name: route(name, title, metres)
    for name, title, metres in (
        ("harbour@3", "Harbour lap", _lap()),
        ("river@1", "River road", _river()),
        ("north@2", "North blocks", _grid()),
    )
}
SPEED = 5.2
OVER = {"speed_mps": None, "arrives_at": None}
NAMES = (
    "mei", "wang", "li-na", "chen", "zhao-lei", "sun", "qian", "wu-min", "zheng", "feng-yu", "he",
    "lin", "guo", "luo", "xie", "tang", "han", "deng", "cao", "peng", "xu", "zeng", "xiao", "tian",
    "dong", "pan", "yuan", "cai", "jiang", "yu", "du", "ye",
)  # fmt: skip


def at(route_name: str, along_m: float) -> tuple[float, float]:
    """lat, lon."""
    points = ROUTES[route_name]["geometry"]["coordinates"]
    left = along_m
    for a, b in pairwise(points):
        size = math.hypot((b[0] - a[0]) * METRES_LON, (b[1] - a[1]) * METRES_LAT)
        if left <= size:
            share = left / size
            return a[1] + (b[1] - a[1]) * share, a[0] + (b[0] - a[0]) * share
        left -= size
    return points[-1][1], points[-1][0]


def on(route_name: str, along_m: float, t: float, **more: Any) -> dict[str, Any]:
    """The fields of a courier on its route; `more` wins."""
    length = ROUTES[route_name]["properties"]["length_m"]
    along = min(along_m, length)
    lat, lon = at(route_name, along)
    row = {"trip": "tr_1", "route": route_name, "along_m": along, "fraction": round(along / length, 4),
           "offset_m": 3.2, "confidence": 0.97, "speed_mps": SPEED,
           "arrives_at": round(t + (length - along) / SPEED),
           "state": "on_route", "lat": lat, "lon": lon, "t": t}  # fmt: skip
    return row | more


def populate(double: Double, count: int = len(NAMES)) -> None:
    """Every state is there from 12 couriers on."""
    dice = random.Random(7)
    now = time.time()
    double.routes = ROUTES
    for i in range(count):
        who = NAMES[i] if i < len(NAMES) else f"rider-{i:04d}"
        name = list(ROUTES)[i % len(ROUTES)]
        length = ROUTES[name]["properties"]["length_m"]
        row = on(name, dice.uniform(0.05, 0.95) * length, now - dice.uniform(0, 9), trip=f"tr_{i:04x}")
        kind = i % 12
        if kind in (4, 9) and i < 24:
            row |= {
                "state": "off_route",
                "offset_m": 184.0,
                "lat": row["lat"] + 0.0031,
                "lon": row["lon"] - 0.0012,
            }
            row |= {"confidence": 0.41, "speed_mps": None, "arrives_at": None}
        elif kind == 6:
            row |= {"state": "stalled", "speed_mps": 0.0}
        elif kind == 7:
            row |= {"t": now - 400}
        elif kind == 8:
            row = on(name, length, now - 20, state="arrived", trip=f"tr_{i:04x}") | OVER
        elif kind == 10:
            row |= EMPTY | {"lat": row["lat"], "lon": row["lon"], "t": row["t"], "state": "idle"}
        elif kind == 11:
            row = on(name, length, now - 200, state="finished", trip=f"tr_{i:04x}") | OVER
        double.put(who, **row)
        if row["trip"]:
            double.trips[row["trip"]] = {
                "task": f"tk_{i:04x}", "title": f"Parcel round {i + 1}", "route": name, "state": "started",
                "bonus": {"amount": "12.50", "currency": "CNY"}, "deadline": now + dice.uniform(-600, 7_200),
                "courier": who, "trip": row["trip"],
            }  # fmt: skip


def ride(double: Double, every_s: float = 8.0) -> None:
    """Move who is on its route, for ever: each of them about once in `every_s`."""
    dice = random.Random(11)
    while True:
        time.sleep(every_s / 32)
        moving = ("on_route", "off_route", "stalled")
        rows = [r for r in double.rows.values() if r["state"] in moving and time.time() - r["t"] < 60]
        moved = [
            double.put(row["courier"], **_further(row, dice))
            for row in dice.sample(rows, max(1, len(rows) // 32))
        ]
        for start in range(0, len(moved), 150):
            double.send(moved[start : start + 150])


def _further(row: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    now = time.time()
    if row["state"] != "on_route":
        return {"t": now}
    length = ROUTES[row["route"]]["properties"]["length_m"]
    along = row["along_m"] + dice.uniform(3, 7) * (now - row["t"])
    return on(row["route"], along % length, now, trip=row["trip"])


if __name__ == "__main__":
    with serving(Double(), 8090) as town:
        populate(town, int(sys.argv[1]) if len(sys.argv) > 1 else len(NAMES))
        print(town.base, flush=True)  # noqa: T201 - a person waits for it
        ride(town)
