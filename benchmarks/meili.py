"""Valhalla's map matching (Meili) on a road network that is the one route."""

from __future__ import annotations

import importlib
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson

from geo.state import Fix

BREAKAGE_M, DETOUR = 5000.0, 100.0  # a gap of minutes is no break, and a lap more no detour
_BUILD_S = 60


def matcher(
    lonlat: Sequence[tuple[float, float]], starts: Sequence[float], radius_m: float, error_m: float
) -> Callable[[Sequence[Fix]], list[float | None]]:
    """lonlat: the route's vertices; starts: how far along each lies [m]."""
    library: Any = importlib.import_module("valhalla")
    settings: dict[str, Any] = {
        "search_radius": radius_m, "gps_accuracy": error_m, "breakage_distance": BREAKAGE_M,
        "interpolation_distance": 0.1, "turn_penalty_factor": 0,
    }  # fmt: skip
    actor = library.Actor(_tiles(library, lonlat, settings))
    wanted = ["edge.way_id", "matched.edge_index", "matched.distance_along_edge", "matched.type"]
    about = {
        "costing": "auto", "shape_match": "map_snap", "trace_options": settings,
        "filters": {"attributes": wanted, "action": "include"},
    }  # fmt: skip

    def along(edges: Sequence[Any], point: Any) -> float | None:
        if point["type"] == "unmatched" or point.get("edge_index", len(edges)) >= len(edges):
            return None
        leg = edges[point["edge_index"]]["way_id"] - 1
        return starts[leg] + point.get("distance_along_edge", 0.0) * (starts[leg + 1] - starts[leg])

    def match(fixes: Sequence[Fix]) -> list[float | None]:
        shape = [{"lat": fix.lat, "lon": fix.lon, "time": fix.t} for fix in fixes]
        try:
            told = orjson.loads(actor.trace_attributes(orjson.dumps({"shape": shape, **about}).decode()))
        except RuntimeError:  # one fix is too few for it; or none is near
            return [None] * len(fixes)
        return [along(told["edges"], point) for point in told["matched_points"]]

    return match


def _tiles(library: Any, lonlat: Sequence[tuple[float, float]], settings: dict[str, Any]) -> dict[str, Any]:
    """Its configuration, with tiles in which each leg is a one-way street with nodes of its own, so that laps
    are different streets.
    """
    osmium: Any = importlib.import_module("osmium")
    osm: Any = importlib.import_module("osmium.osm.mutable")
    folder = Path(tempfile.mkdtemp(prefix="valhalla-"))
    street, tiles = folder / "route.osm.pbf", folder / "tiles"
    tiles.mkdir()
    with osmium.SimpleWriter(str(street)) as writer:
        for i, place in enumerate(lonlat, 1):
            writer.add_node(osm.Node(id=i, version=1, location=place))
        tags = {"highway": "residential", "oneway": "yes"}
        for i in range(1, len(lonlat)):
            writer.add_way(osm.Way(id=i, version=1, nodes=[i, i + 1], tags=tags))
    config: dict[str, Any] = library.get_config(tile_extract="", tile_dir=str(tiles))
    config["mjolnir"]["logging"] = {"type": ""}
    factors = {"max_route_distance_factor": DETOUR, "max_route_time_factor": DETOUR}
    config["meili"]["default"].update(settings, **factors)
    config["meili"]["customizable"] += [
        name for name in settings if name not in config["meili"]["customizable"]
    ]
    config["service_limits"]["trace"].update(max_distance=1e6)
    saved = folder / "valhalla.json"
    saved.write_bytes(orjson.dumps(config))
    tool = Path(library.__file__).parent / "bin" / "valhalla_build_tiles"
    command = [tool, "-c", saved, "-j", "1", street]
    subprocess.run(command, check=True, capture_output=True, timeout=_BUILD_S, cwd=folder)  # notes lie there
    return config
