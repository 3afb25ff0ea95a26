"""Which reader reads which file."""

from __future__ import annotations

from typing import Literal, get_args

from geo.drawn import geojson, markup
from geo.drawn.drawing import Drawing, Unreadable
from geo.said import say

Format = Literal["geojson", "gpx", "kml"]
FORMATS: tuple[str, ...] = get_args(Format)
SUFFIXES: dict[str, Format] = {".geojson": "geojson", ".json": "geojson", ".gpx": "gpx", ".kml": "kml"}
TYPES: dict[Format, str] = {
    "geojson": "application/geo+json",
    "gpx": "application/gpx+xml",
    "kml": "application/vnd.google-earth.kml+xml",
}
MAX_BYTES = 16_000_000
"""Expanded. 100,000 points of a GPX with heights and times take about 10 MB."""
_READERS = {"geojson": geojson.read, "gpx": markup.read_gpx, "kml": markup.read_kml}


def read(data: bytes, form: Format) -> Drawing:
    """The one line that the file holds, and its stops. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(
            say("file-large", "it has {size} bytes; the limit is {most}", size=len(data), most=MAX_BYTES)
        )
    return _READERS[form](data)
