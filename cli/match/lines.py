"""A route from a file: GeoJSON, GPX or KML."""

from __future__ import annotations

from pathlib import Path

from cli.common import Failed
from geo.drawn.drawing import Drawing, Unreadable
from geo.drawn.files import SUFFIXES, read


def read_route(file: Path) -> Drawing:
    """The one line that the file holds, and its stops. Raises Failed.

    GeoJSON: a LineString, a Feature of one, a collection with one, with the stops as its points or among the
    Feature's properties as `GET /v1/routes/{route}` gives them; GPX: the first route, else the first track
    with all its segments, and waypoints; KML: the first LineString, and Placemarks of a Point.
    """
    form = SUFFIXES.get(file.suffix.lower())
    if form is None:
        raise Failed(f"{file}: routes are read from {', '.join(SUFFIXES)}")
    try:
        return read(file.read_bytes(), form)
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from error
    except Unreadable as error:
        raise Failed(f"{file} holds no route: {error}") from error
