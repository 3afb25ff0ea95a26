"""Other matchers behind one seam: a trip's fixes in, metres along its route out (None: not matched)."""

from __future__ import annotations

import importlib
import math
import tempfile
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any

from benchmarks import meili
from benchmarks.trips import Trip
from geo.match import advance
from geo.plane import Plane
from geo.state import Fix, MatchState

Matcher = Callable[[Sequence[Fix]], list[float | None]]
RADIUS_M, ERROR_M = 60.0, 8.0
"""What the peers are told of the fixes: search radius, and the standard error that they truly have."""


def ours(trip: Trip) -> Matcher:
    return lambda fixes: [m.along_m for m in advance(trip.route, MatchState(), fixes)[1]]


def fastmm(trip: Trip) -> Matcher:
    """One edge a leg, each with nodes of its own, so that laps are different edges."""
    library = importlib.import_module("fastmm")
    xy, starts, plane = _drawn(trip)
    network = library.Network()
    for i, (a, b) in enumerate(pairwise(xy)):
        network.add_edge(i, i, i + 1, [a, b])
    network.finalize()
    cache = tempfile.mkdtemp(prefix="ubodt-")
    matcher = library.FastMapMatch(
        network, library.TransitionMode.SHORTEST, max_distance_between_candidates=3000.0, cache_dir=cache
    )

    def match(fixes: Sequence[Fix]) -> list[float | None]:
        points = [plane.to_xy(fix.lon, fix.lat) for fix in fixes]
        result = matcher.match(
            library.Trajectory.from_xy_tuples(points), max_candidates=16, candidate_search_radius=RADIUS_M,
            gps_error=ERROR_M, reverse_tolerance=20.0,
        )  # fmt: skip
        found: list[float | None] = [None] * len(fixes)
        for part in result.subtrajectories:
            for segment in part.segments:
                for candidate, edge in ((segment.p0, segment.edges[0]), (segment.p1, segment.edges[-1])):
                    along = starts[edge.edge_id] + candidate.offset_from_start_of_edge
                    found[candidate.trajectory_index] = along
        return found

    match.network = network  # type: ignore[attr-defined] - the matcher does not keep it alive itself
    return match


def leuven(trip: Trip) -> Matcher:
    """leuvenmapmatching's DistanceMatcher on the same graph."""
    maps = importlib.import_module("leuvenmapmatching.map.inmem")
    matching = importlib.import_module("leuvenmapmatching.matcher.distance")
    xy, starts, plane = _drawn(trip)
    graph = maps.InMemMap("route", use_latlon=False, use_rtree=False)
    for i, point in enumerate(xy):
        graph.add_node(i, point)
    for i in range(len(xy) - 1):
        graph.add_edge(i, i + 1)

    def match(fixes: Sequence[Fix]) -> list[float | None]:
        matcher = matching.DistanceMatcher(
            graph, max_dist=RADIUS_M * 10, obs_noise=ERROR_M, max_lattice_width=16, non_emitting_states=True
        )
        matcher.match([plane.to_xy(fix.lon, fix.lat) for fix in fixes])
        found: list[float | None] = [None] * len(fixes)
        for m in matcher.lattice_best or []:
            if m.edge_m.l2 is not None and m.obs_ne == 0:
                length = starts[m.edge_m.l1 + 1] - starts[m.edge_m.l1]
                found[m.obs] = starts[m.edge_m.l1] + m.edge_m.ti * length
        return found

    return match


def valhalla(trip: Trip) -> Matcher:
    xy, starts, plane = _drawn(trip)
    return meili.matcher([plane.to_lonlat(*point) for point in xy], starts, RADIUS_M, ERROR_M)


def shapely(trip: Trip) -> Matcher:
    """The nearest point of the line, as everybody begins."""
    library: Any = importlib.import_module("shapely")
    xy, starts, plane = _drawn(trip)
    line = library.LineString(xy)
    stretch = starts[-1] / line.length
    return lambda fixes: [
        line.project(library.Point(*plane.to_xy(fix.lon, fix.lat))) * stretch for fix in fixes
    ]


def _drawn(trip: Trip) -> tuple[list[tuple[float, float]], list[float], Plane]:
    """Vertices as drawn, in the route's plane [m], and how far along each lies."""
    plane = trip.route.plane
    every = [plane.to_xy(lon, lat) for lon, lat in trip.line]
    xy = [every[0], *(b for a, b in pairwise(every) if math.dist(a, b) > 0.01)]
    starts = [0.0, *accumulate(math.dist(a, b) for a, b in pairwise(xy))]
    stretch = trip.route.length_m / starts[-1]
    return xy, [s * stretch for s in starts], plane


PEERS: dict[str, Callable[[Trip], Matcher]] = {
    "ours": ours, "fastmm": fastmm, "leuvenmapmatching": leuven, "valhalla": valhalla,
    "shapely": shapely,
}  # fmt: skip
