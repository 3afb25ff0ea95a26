"""A compiled route as it is stored: format 3. Vertices to 1e-7 degree (11 mm), lengths to 1 mm; deltas,
deflated together with the stops. Format 2, which had no stops, is still read: published routes never change.
"""

from __future__ import annotations

import json
import struct
import zlib
from typing import NamedTuple

import numpy as np

from geo.arrival import Stop
from geo.ellipsoid import Floats

FORMAT = 3
_WITHOUT_STOPS = 2
_HEADER = struct.Struct("<BIqqI")  # format version, vertices, first lon and lat [1e-7 degree], bytes unpacked
_E7 = 1e7


class Parts(NamedTuple):
    """lon, lat [degrees] and cumulative [m] of n vertices; stops in order."""

    lon: Floats
    lat: Floats
    cumulative: Floats
    stops: tuple[Stop, ...]


def pack(parts: Parts) -> bytes:
    lon, lat = np.rint(parts.lon * _E7).astype(np.int64), np.rint(parts.lat * _E7).astype(np.int64)
    mm = np.rint(parts.cumulative * 1000).astype(np.int64)
    body = np.stack([np.diff(lon), np.diff(lat), np.diff(mm)]).astype("<i4").tobytes()
    stops = [
        (s.name, round(s.lon * _E7), round(s.lat * _E7), round(s.radius_m * 10), round(s.along_m * 1000))
        for s in parts.stops
    ]
    body += json.dumps(stops, ensure_ascii=False, separators=(",", ":")).encode()
    return _HEADER.pack(FORMAT, len(lon), int(lon[0]), int(lat[0]), len(body)) + zlib.compress(body)


def unpack(data: bytes) -> Parts:
    """Raises ValueError on another format or damaged bytes."""
    try:
        version, n, lon0, lat0, size = _HEADER.unpack_from(data)
        if version not in (_WITHOUT_STOPS, FORMAT):
            raise ValueError(
                f"compiled route has format {version}, this code reads {_WITHOUT_STOPS} and {FORMAT}"
            )
        unpacker = zlib.decompressobj()
        body = unpacker.decompress(data[_HEADER.size :], size or 1)
    except (struct.error, zlib.error) as error:
        raise ValueError(f"compiled route is damaged: {error}") from error
    deltas_size = 12 * (n - 1)
    if n < 2 or not unpacker.eof or len(body) != size or size < deltas_size:
        raise ValueError(f"compiled route is damaged: {len(body)} bytes for {n} vertices")
    deltas = np.frombuffer(body, dtype="<i4", count=3 * (n - 1)).reshape(3, n - 1).astype(np.int64)
    if (deltas[2] <= 0).any():
        raise ValueError("compiled route is damaged: its length does not rise")
    whole = np.concatenate((np.array([[lon0], [lat0], [0]]), deltas), axis=1).cumsum(axis=1)
    stops = _stops(body[deltas_size:]) if version == FORMAT else ()
    return Parts(whole[0] / _E7, whole[1] / _E7, whole[2] / 1000, stops)


def _stops(text: bytes) -> tuple[Stop, ...]:
    try:
        return tuple(
            Stop(name, lon / _E7, lat / _E7, dm / 10, mm / 1000)
            for name, lon, lat, dm, mm in json.loads(text)
        )
    except (TypeError, ValueError) as error:
        raise ValueError(f"compiled route is damaged: its stops cannot be read ({error})") from error
