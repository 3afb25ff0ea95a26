"""WGS-84 ↔ GCJ-02 (Amap, Tencent, Google in China) ↔ BD-09 (Baidu), for arrays of positions.

Border rule: GCJ-02 applies within the rectangle 72.004..137.8347 E, 0.8293..55.8271 N of its published
code, edges included, and to everything in there, Hong Kong, Taiwan and the neighbours too; outside it, it
is WGS-84. Which side a position lies on is decided by its WGS-84 side when converting to GCJ-02, and coming
back by whether a WGS-84 position inside exists that leads there. BD-09 is GCJ-02 with a further shift
everywhere. Source: the reverse-engineered constants that every open implementation shares; there is no
official publication.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from geo.legs import Floats

Datum = Literal["wgs84", "gcj02", "bd09"]
WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
_A = 6_378_245.0  # Krasovsky 1940, which GCJ-02's formula uses
_E2 = 0.006_693_421_622_965_943
_CLOSE_DEG = 1e-10  # 0.01 mm
_ROUNDS = 30  # each brings 1,000 times nearer; four are enough
_BD = np.pi * 3000.0 / 180.0

Pair = tuple[Floats, Floats]


def converted(lon: Any, lat: Any, source: Datum, target: Datum) -> Pair:
    """n × lon, lat [degrees] of one datum in another; the inverses are exact to better than 1 mm."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if source == target:
        return x.copy(), y.copy()
    if source == "bd09":
        x, y = _inverse(_bd_of_gcj, x, y)
        return (x, y) if target == "gcj02" else _wgs_of_gcj(x, y)
    if source == "gcj02":
        return _bd_of_gcj(x, y) if target == "bd09" else _wgs_of_gcj(x, y)
    x, y = _gcj_of_wgs(x, y)
    return (x, y) if target == "gcj02" else _bd_of_gcj(x, y)


def inside(lon: Any, lat: Any) -> Any:
    """Whether GCJ-02 differs from WGS-84 at these WGS-84 positions."""
    return (lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH)


def _gcj_of_wgs(lon: Floats, lat: Floats) -> Pair:
    within = inside(lon, lat)
    x, y = _shifted(np.where(within, lon, 105.0), np.where(within, lat, 35.0))
    return np.where(within, x, lon), np.where(within, y, lat)


def _wgs_of_gcj(lon: Floats, lat: Floats) -> Pair:
    # Further out than the largest shift nothing inside can lead there.
    near = inside(np.clip(lon, WEST, EAST), np.clip(lat, SOUTH, NORTH)) & (
        np.hypot(lon - np.clip(lon, WEST, EAST), lat - np.clip(lat, SOUTH, NORTH)) < 0.05
    )
    x, y = _inverse(_shifted, np.where(near, lon, 105.0), np.where(near, lat, 35.0))
    slack = 1e-9  # what the iteration leaves, so that the border itself comes back
    at_x, at_y = np.clip(x, WEST, EAST), np.clip(y, SOUTH, NORTH)
    within = near & (np.abs(x - at_x) < slack) & (np.abs(y - at_y) < slack)
    return np.where(within, x, lon), np.where(within, y, lat)


def _inverse(forward: Callable[[Floats, Floats], Pair], lon: Floats, lat: Floats) -> Pair:
    """Fixed-point iteration: the shift hardly changes over its own length."""
    x, y = lon.copy(), lat.copy()
    for _ in range(_ROUNDS):
        there = forward(x, y)
        dx, dy = lon - there[0], lat - there[1]
        x, y = x + dx, y + dy
        if not x.size or max(np.abs(dx).max(), np.abs(dy).max()) < _CLOSE_DEG:
            break
    return x, y


def _shifted(lon: Floats, lat: Floats) -> Pair:
    """The published transform of WGS-84 to GCJ-02, without its border."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    common = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    w = 1.0 - _E2 * np.sin(phi) ** 2
    meridian = _A * (1.0 - _E2) / (w * np.sqrt(w))
    parallel = _A / np.sqrt(w) * np.cos(phi)
    return lon + np.degrees(east / parallel), lat + np.degrees(north / meridian)


def _bd_of_gcj(lon: Floats, lat: Floats) -> Pair:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
