"""Douglas–Peucker, one level of the recursion at a time for all pieces together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.legs import Floats


def kept(x: Floats, y: Floats, tolerance: float) -> NDArray[np.int64]:
    """Indices of the points that the simplified line keeps, first and last among them.

    x, y: n points; tolerance in their unit: no dropped point lies further from its piece of the result.
    """
    n = len(x)
    keep = np.zeros(n, dtype=bool)
    keep[[0, -1]] = True
    open_pieces = np.ones(1, dtype=bool)
    while open_pieces.any():
        ends = np.flatnonzero(keep)
        first, last = ends[:-1][open_pieces], ends[1:][open_pieces]
        counts = last - first - 1
        inner = counts > 0
        first, last, counts = first[inner], last[inner], counts[inner]
        if not len(first):
            break
        starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
        piece = np.repeat(np.arange(len(first)), counts)
        point = np.arange(counts.sum()) - starts[piece] + first[piece] + 1
        away = _distance(x, y, point, first[piece], last[piece])
        worst = np.maximum.reduceat(away, starts)
        split = worst > tolerance
        # The first point of each piece that is as far away as its worst.
        at = np.flatnonzero((away == worst[piece]) & split[piece])
        _, unique = np.unique(piece[at], return_index=True)
        keep[point[at[unique]]] = True
        ends = np.flatnonzero(keep)
        bad = np.zeros(n, dtype=bool)
        bad[first[split]] = True
        bad[point[at[unique]]] = True
        open_pieces = bad[ends[:-1]]
    return np.flatnonzero(keep)


def _distance(
    x: Floats, y: Floats, point: NDArray[np.int64], a: NDArray[np.int64], b: NDArray[np.int64]
) -> Floats:
    """Of each point from the segment a-b."""
    dx, dy = x[b] - x[a], y[b] - y[a]
    px, py = x[point] - x[a], y[point] - y[a]
    square = dx * dx + dy * dy
    part = np.clip((px * dx + py * dy) / np.where(square > 0, square, 1.0), 0.0, 1.0)
    return np.hypot(px - part * dx, py - part * dy)
