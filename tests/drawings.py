"""One route in every format that is read, with two stops."""

from __future__ import annotations

import json
from typing import Any

NAME = "Harbour lap"
LINE = [[121.4737, 31.2304], [121.4801, 31.2304], [121.4801, 31.2349]]
STOPS = [("四号码头", 121.4768, 31.2305), ("End", 121.4801, 31.2349)]


def _point(name: str, lon: float, lat: float) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {"name": name},
    }


GEOJSON = json.dumps({
    "type": "FeatureCollection",
    "features": [
        _point(*STOPS[0]),
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": LINE},
            "properties": {"name": NAME},
        },
        _point(*STOPS[1]),
    ],
}).encode()  # fmt: skip
GPX = (
    '<?xml version="1.0" encoding="UTF-8"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">'
    + "".join(
        f'<wpt lat="{lat}" lon="{lon}"><ele>4</ele><name>{name}</name></wpt>' for name, lon, lat in STOPS
    )
    + f"<trk><name>{NAME}</name>"
    + f'<trkseg><trkpt lat="{LINE[0][1]}" lon="{LINE[0][0]}"><name>a point</name></trkpt></trkseg><trkseg>'
    + "".join(f'<trkpt lat="{lat}" lon="{lon}"/>' for lon, lat in LINE[1:])
    + "</trkseg></trk></gpx>"
).encode()
KML = (
    '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>D</name>'
    + "".join(
        f"<Placemark><name>{name}</name><Point><coordinates>{lon},{lat},0</coordinates></Point></Placemark>"
        for name, lon, lat in STOPS
    )
    + f"<Placemark><name>{NAME}</name><LineString><coordinates>\n"
    + "\n".join(f"{lon},{lat},3.5" for lon, lat in LINE)
    + "\n</coordinates></LineString></Placemark></Document></kml>"
).encode()
FILES = {"geojson": GEOJSON, "gpx": GPX, "kml": KML}
BOMB = (
    b'<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]><gpx><trk><name>&j;</name></trk></gpx>"
)
