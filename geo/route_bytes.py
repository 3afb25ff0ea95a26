"""A compiled route as it is stored: format 3. Vertices to 1e-7 degree (11 mm), lengths to 1 mm; deltas,
deflated together with the stops. Format 2, which had no stops, is still read: published routes never change.
"""

from __future__ import annotations

import json
import struct
import zlib
from array import array
from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import NamedTuple

from geo.arrival import Stop

FORMAT = 3
_WITHOUT_STOPS = 2
_HEADER = struct.Struct("<BIqqI")  # format version, vertices, first lon and lat [1e-7 degree], bytes unpacked
_E7, _MM = 1e7, 1e3


class Parts(NamedTuple):
    """lon, lat [degrees] and cumulative [m] of n vertices; stops in order."""

    lon: array[float]
    lat: array[float]
    cumulative: array[float]
    stops: tuple[Stop, ...]


def pack(parts: Parts) -> bytes:
    columns = _whole(parts.lon, _E7), _whole(parts.lat, _E7), _whole(parts.cumulative, _MM)
    lon, lat, _ = columns
    deltas = [b - a for column in columns for a, b in pairwise(column)]
    body = struct.pack(f"<{len(deltas)}i", *deltas)
    stops = [
        (s.name, round(s.lon * _E7), round(s.lat * _E7), round(s.radius_m * 10), round(s.along_m * _MM))
        for s in parts.stops
    ]
    body += json.dumps(stops, ensure_ascii=False, separators=(",", ":")).encode()
    return _HEADER.pack(FORMAT, len(lon), lon[0], lat[0], len(body)) + zlib.compress(body)


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
    legs = n - 1
    deltas_size = 12 * legs
    if n < 2 or not unpacker.eof or len(body) != size or size < deltas_size:
        raise ValueError(f"compiled route is damaged: {len(body)} bytes for {n} vertices")
    deltas = struct.unpack_from(f"<{3 * legs}i", body)
    if min(deltas[2 * legs :]) <= 0:
        raise ValueError("compiled route is damaged: its length does not rise")
    lon = _column(lon0, deltas[:legs], _E7)
    lat = _column(lat0, deltas[legs : 2 * legs], _E7)
    cumulative = _column(0, deltas[2 * legs :], _MM)
    stops = _stops(body[deltas_size:]) if version == FORMAT else ()
    return Parts(lon, lat, cumulative, stops)


def _whole(values: Iterable[float], steps: float) -> list[int]:
    return [round(value * steps) for value in values]


def _column(first: int, deltas: Iterable[int], steps: float) -> array[float]:
    return array("d", [value / steps for value in accumulate(deltas, initial=first)])


def _stops(text: bytes) -> tuple[Stop, ...]:
    try:
        return tuple(
            Stop(name, lon / _E7, lat / _E7, dm / 10, mm / _MM) for name, lon, lat, dm, mm in json.loads(text)
        )
    except (TypeError, ValueError) as error:
        raise ValueError(f"compiled route is damaged: its stops cannot be read ({error})") from error
