"""A drawn line compiled into a route: simplified, with the measure of the line as it was drawn."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from geo.datum import Datum
from geo.legs import Floats, leg_lengths, metres_per_degree, unwrapped
from geo.onmap import line_in_wgs84, stops_in_wgs84
from geo.refused import RouteRefused, Spot
from geo.route import CompiledRoute
from geo.said import say
from geo.simplify import kept
from geo.stops import Place, check, placed

MAX_VERTICES = 100_000
MAX_LEG_M = 50_000.0  # a longer leg is a mistake in the drawing, not a road
MAX_LENGTH_M = 2_000_000.0  # twice the longest route that we serve
TOLERANCE_M = 1.0  # a third of the best phone's error, and less than a lane
PIECE_M = 2_000.0  # legs are cut to this, so that a leg is straight in the plane around any ping near it
_E7 = 1e7


def compile_route(
    lonlat: Sequence[Sequence[float]], stops: Sequence[Place] = (), *, datum: Datum = "wgs84"
) -> CompiledRoute:
    """Compile a drawn line of (lon, lat) degrees in `datum`, and the stops on it, in the order of their
    visits; further coordinates of a point are ignored.

    The line is simplified within TOLERANCE_M; lengths along it remain those of the line as drawn.
    Raises RouteRefused: out of range, fewer than two distinct points, too many, too long, or a leg beyond
    MAX_LEG_M; StopRefused: a stop off the line, out of order, or that can be none.
    """
    if len(lonlat) > MAX_VERTICES:
        raise RouteRefused(
            say(
                "line-points-many",
                "the line has {points} points; the limit is {most}: thin it out, or make several "
                "routes of it",
                points=len(lonlat),
                most=MAX_VERTICES,
            )
        )
    check(stops)
    places = stops_in_wgs84(stops, datum)
    route = _compiled(*line_in_wgs84(lonlat, datum))
    return replace(route, stops=placed(places, route))


def _compiled(lon: Floats, lat: Floats) -> CompiledRoute:
    """Raises RouteRefused."""
    if len(lon) < 2:
        raise _too_short()
    lon, lat = np.rint(unwrapped(lon) * _E7) / _E7, np.rint(lat * _E7) / _E7
    legs = leg_lengths(lon, lat)
    if legs.max() > MAX_LEG_M:
        i = int(np.argmax(legs))
        raise RouteRefused(
            say(
                "line-leg-long",
                "points {point} and {next} are {apart_km:.0f} km apart; the limit is {most_km:.0f} "
                "km: mend the "
                "wrong one, or draw what is between them",
                point=i,
                next=i + 1,
                apart_km=float(legs[i]) / 1000,
                most_km=MAX_LEG_M / 1000,
            ),
            Spot(i, float(lon[i]), float(lat[i])),
        )
    apart = np.concatenate(([True], legs > 0.001))  # lengths are held to the millimetre
    lon, lat = lon[apart], lat[apart]
    if len(lon) < 2:
        raise _too_short()
    lon, lat = _cut(lon, lat)
    cumulative = np.concatenate(([0.0], np.cumsum(leg_lengths(lon, lat))))
    if cumulative[-1] > MAX_LENGTH_M:
        raise RouteRefused(
            say(
                "line-long",
                "the line is {length_km:.0f} km long; the limit is {most_km:.0f} km: make several "
                "routes of it",
                length_km=float(cumulative[-1]) / 1000,
                most_km=MAX_LENGTH_M / 1000,
            )
        )
    return _simplified(lon, lat, cumulative)


def _too_short() -> RouteRefused:
    return RouteRefused(say("line-short", "the line needs at least two distinct points"))


def _cut(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Legs longer than PIECE_M in equal pieces, straight in lon and lat as GeoJSON says."""
    parts = np.ceil(leg_lengths(lon, lat) / PIECE_M).astype(np.int64).clip(1)
    at = np.concatenate(([0], np.cumsum(parts)))
    steps = np.arange(at[-1] + 1)
    return tuple(np.rint(np.interp(steps, at, v) * _E7) / _E7 for v in (lon, lat))  # type: ignore[return-value]


def _simplified(lon: Floats, lat: Floats, cumulative: Floats) -> CompiledRoute:
    """Each block of points in the plane around itself; what a block's end cuts is kept. Raises RouteRefused
    where nothing is left that is further than the tolerance from its beginning.
    """
    keep = np.zeros(len(lon), dtype=bool)
    block = (cumulative // PIECE_M).astype(np.int64)
    edges = np.unique(np.concatenate(([0], np.flatnonzero(np.diff(block)) + 1, [len(lon) - 1])))
    for a, b in pairwise(edges.tolist()):
        east, north = metres_per_degree((lat[a] + lat[b]) / 2)
        keep[a + kept(lon[a : b + 1] * east, lat[a : b + 1] * north, TOLERANCE_M)] = True
    at = np.flatnonzero(keep)
    at = at[np.concatenate(([True], (np.diff(lon[at]) != 0) | (np.diff(lat[at]) != 0)))]
    if len(at) < 2:
        raise _too_short()
    at[-1] = len(lon) - 1  # where it was left out, the one before it is at its place
    return CompiledRoute(_column(lon[at]), _column(lat[at]), _column(np.rint(cumulative[at] * 1000) / 1000))


def _column(values: Floats) -> array[float]:
    return array("d", values.tobytes())
