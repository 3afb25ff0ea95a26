"""A trip's pings as files: each writer gives the parts of one valid document, ping by ping.

Sources: GPX 1.1 schema, Topografix; TrackPointExtension v2, Garmin; RFC 7946 (GeoJSON); RFC 4180 (CSV).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from html import escape
from typing import Any, NamedTuple

import orjson

from storage.trips import Trip
from telemetry.history import Sighting
from telemetry.ping import UNKNOWN

_GPX = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gpx version="1.1" creator="Milepost" xmlns="http://www.topografix.com/GPX/1/1"'
    ' xmlns:tpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v2">\n'
)
_COLUMNS = ("t_unix", "lat", "lon", "accuracy_m", "speed_mps", "heading_deg", "mock", "device")


class File(NamedTuple):
    content_type: str
    write: Callable[[Trip, Iterable[Sighting]], Iterator[bytes]]


def shown(sighting: Sighting) -> dict[str, Any]:
    """A ping as JSON; null where the phone stated nothing."""
    ping = sighting.ping
    return {
        "t": ping.t,
        "lat": ping.lat,
        "lon": ping.lon,
        "accuracy_m": _tenths(ping.accuracy_dm),
        "speed_mps": _tenths(ping.speed_dmps),
        "heading_deg": None if ping.heading == UNKNOWN else ping.heading,
        "mock": ping.mock,
        "device": sighting.device,
    }


def geojson(trip: Trip, pings: Iterable[Sighting]) -> Iterator[bytes]:
    """A FeatureCollection of Points: unlike a line, valid for one ping and for none."""
    about = orjson.dumps({"trip": trip.trip, "route": trip.route, "courier": trip.courier})
    yield b'{"type":"FeatureCollection","properties":' + about + b',"features":['
    for i, sighting in enumerate(pings):
        properties = shown(sighting)
        place = [properties.pop("lon"), properties.pop("lat")]
        feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": place}}
        yield (b",\n" if i else b"\n") + orjson.dumps(feature | {"properties": properties})
    yield b"\n]}\n"


def gpx(trip: Trip, pings: Iterable[Sighting]) -> Iterator[bytes]:
    """One track of one segment. What is mock says so as its source; speed and heading stand where Garmin's
    readers look for them.
    """
    yield f"{_GPX}<trk><name>{escape(trip.trip)}</name><desc>{escape(trip.route)}</desc><trkseg>\n".encode()
    for sighting in pings:
        ping = sighting.ping
        time = datetime.fromtimestamp(ping.t, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        times = f"<time>{time}</time>" + ("<src>mock</src>" if ping.mock else "")
        speed = "" if ping.speed_dmps == UNKNOWN else f"<tpx:speed>{ping.speed_dmps / 10}</tpx:speed>"
        course = "" if ping.heading == UNKNOWN else f"<tpx:course>{ping.heading}</tpx:course>"
        more = f"<tpx:TrackPointExtension>{speed}{course}</tpx:TrackPointExtension>"
        said = f"<extensions>{more}</extensions>" if speed or course else ""
        yield f'<trkpt lat="{ping.lat:.6f}" lon="{ping.lon:.6f}">{times}{said}</trkpt>\n'.encode()
    yield b"</trkseg></trk>\n</gpx>\n"


def table(_: Trip, pings: Iterable[Sighting]) -> Iterator[bytes]:
    """CSV with the columns that `milepost match` and `milepost replay` read."""
    yield _line(_COLUMNS)
    for sighting in pings:
        yield _line(tuple(shown(sighting).values()))


def _line(values: Iterable[Any]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue().encode()


def _tenths(value: int) -> float | None:
    return None if value == UNKNOWN else value / 10


FILES = {
    "geojson": File("application/geo+json", geojson),
    "gpx": File("application/gpx+xml", gpx),
    "csv": File("text/csv", table),
}
