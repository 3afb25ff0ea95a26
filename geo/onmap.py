"""Positions as they were drawn, in WGS-84: the edge at which datums end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from geo.datum import Datum, converted
from geo.legs import Floats
from geo.refused import RouteRefused, Spot, StopRefused
from geo.said import say
from geo.stops import Place

MAX_LAT = 85.0  # beyond the web's maps; a plane near a pole is none


def line_in_wgs84(lonlat: Sequence[Sequence[float]], datum: Datum) -> tuple[Floats, Floats]:
    """lon and lat of the points. Raises RouteRefused."""
    points = np.array([(p[0], p[1]) for p in lonlat], dtype=np.float64).reshape(-1, 2)
    lon, lat = points[:, 0], points[:, 1]
    good = _on_map(lon, lat)
    if not good.all():
        spot = Spot(int(np.argmin(good)), *points[int(np.argmin(good))].tolist())
        reason = say(
            "point-off-map",
            "point {point} (lon {lon}, lat {lat}) is not on the map (latitudes up to {most:.0f}); "
            "GeoJSON order "
            "is lon, lat",
            point=spot.index,
            lon=spot.lon,
            lat=spot.lat,
            most=MAX_LAT,
        )
        raise RouteRefused(reason, spot)
    return converted(lon, lat, datum, "wgs84")


def stops_in_wgs84(stops: Sequence[Place], datum: Datum) -> list[Place]:
    """Raises StopRefused."""
    for i, stop in enumerate(stops):
        if not _on_map(stop.lon, stop.lat):
            reason = say(
                "stop-off-map",
                "stop {stop} ({name}) (lon {lon}, lat {lat}) is not on the map (latitudes up to {most:.0f}); "
                "GeoJSON order is lon, lat",
                stop=i,
                name=stop.name,
                lon=stop.lon,
                lat=stop.lat,
                most=MAX_LAT,
            )
            raise StopRefused(i, reason)
    lon, lat = converted([s.lon for s in stops], [s.lat for s in stops], datum, "wgs84")
    return [s._replace(lon=x, lat=y) for s, x, y in zip(stops, lon.tolist(), lat.tolist(), strict=True)]


def _on_map(lon: Any, lat: Any) -> Any:
    return (abs(lon) <= 180.0) & (abs(lat) <= MAX_LAT)
